"""How work is shared out: longest first, in even shares, without any effect on what is examined."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from devsecops import manifest, plan
from devsecops.manifest import ManifestScanner
from devsecops.model import Lock, Package, Tool
from devsecops.scanner import Scope, SourceFile

SCANNERS = {scanner.name: scanner for scanner in manifest.bundled()}
SIZES = st.lists(st.integers(0, 3_000_000), min_size=1, max_size=30)


def scope(sizes: list[int], **fields: object) -> Scope:
    files = tuple(SourceFile(path=f"{at:03}.py", os_path=f"{at:03}.py", size=size) for at, size in enumerate(sizes))
    return Scope(tool=Tool(name="t"), program="/bin/t", files=files, **fields)  # type: ignore[arg-type]


def bandit() -> ManifestScanner:
    return SCANNERS["bandit"]


@given(SIZES, st.integers(1, 8))
def test_every_file_is_in_exactly_one_job_however_the_work_is_split(sizes: list[int], cores: int) -> None:
    tasks = plan.tasks([(bandit(), scope(sizes))], cores)
    paths = [path for task in tasks for path in task.job.files]
    assert sorted(paths) == [f"{at:03}.py" for at in range(len(sizes))]
    assert len({task.job.name for task in tasks}) == len(tasks)


@given(SIZES, st.integers(1, 8))
def test_the_longest_job_comes_first(sizes: list[int], cores: int) -> None:
    costs = [
        task.job.cost for task in plan.tasks([(bandit(), scope(sizes)), (SCANNERS["gitleaks"], scope(sizes))], cores)
    ]
    assert costs == sorted(costs, reverse=True)


def test_a_scanner_that_would_take_longer_than_its_share_is_split() -> None:
    usual = [200_000] * 10
    assert len(plan.tasks([(bandit(), scope(usual))], 2)) == 2
    assert len(plan.tasks([(bandit(), scope(usual))], 1)) == 1
    both = plan.tasks([(bandit(), scope(usual)), (SCANNERS["semgrep"], scope(usual))], 1)
    assert [task.job.scanner for task in both] == ["semgrep", "bandit"]


def test_shares_are_of_even_size() -> None:
    sizes = [100_000, 90_000, 60_000, 50_000, 40_000, 20_000]
    tasks = plan.tasks([(bandit(), scope(sizes))], 2)
    assert sorted(task.job.size for task in tasks) == [170_000, 190_000]


def test_what_was_learned_of_a_machine_changes_the_order_and_nothing_else() -> None:
    scopes = [(bandit(), scope([1000])), (SCANNERS["gitleaks"], scope([1000]))]
    assert [task.job.scanner for task in plan.tasks(scopes, 1)] == ["bandit", "gitleaks"]
    learned = plan.tasks(scopes, 1, {"gitleaks": 5.0})
    assert [task.job.scanner for task in learned] == ["gitleaks", "bandit"]


def test_a_file_on_which_bandit_may_never_end_is_alone_with_its_deadline() -> None:
    tasks = plan.tasks([(bandit(), scope([1000, 2_000_000, 1000]))], 1)
    assert sorted(task.job.files for task in tasks) == [("000.py", "002.py"), ("001.py",)]


def test_argument_lists_never_grow_beyond_what_the_system_takes() -> None:
    files = tuple(
        SourceFile(path=f"{'x' * 200}/{at}.py", os_path=f"{'x' * 200}/{at}.py", size=1) for at in range(20_000)
    )
    many = Scope(tool=Tool(name="t"), program="/bin/t", files=files)
    tasks = plan.tasks([(bandit(), many)], 1)
    assert len(tasks) > 1
    assert max(sum(len(word) + 9 for word in task.job.arguments) for task in tasks) < 1_700_000
    assert sum(len(task.job.files) for task in tasks) == 20_000


def test_two_versions_of_a_package_are_audited_in_two_jobs() -> None:
    def package(name: str, version: str, path: str) -> Package:
        return Package(name=name, version=version, path=path)

    locks = (
        Lock(path="a", packages=(package("flask", "1.0", "a"), package("six", "1.0", "a"))),
        Lock(path="b", packages=(package("flask", "2.0", "b"), package("six", "1.0", "b"))),
    )
    jobs = SCANNERS["pip-audit"].jobs(scope([1], locks=locks))
    assert [job.inputs["packages.txt"] for job in jobs] == ["flask==1.0\nsix==1.0\n", "flask==2.0\n"]
    assert [len(job.packages) for job in jobs] == [3, 1]


def test_files_with_a_byte_order_mark_are_given_to_semgrep_as_copies() -> None:
    files = (SourceFile(path="a.py", os_path="a.py", size=1, bom=True), SourceFile(path="b.py", os_path="b.py", size=1))
    jobs = SCANNERS["semgrep"].jobs(Scope(tool=Tool(name="t"), program="/bin/t", files=files))
    assert [(job.files, dict(job.copies)) for job in jobs] == [(("b.py",), {}), (("a.py",), {"000000.py": "a.py"})]


def test_no_argument_of_a_job_is_a_path_that_could_be_an_option() -> None:
    files = (SourceFile(path="-x.py", os_path="-x.py", size=1),)
    for name in ("bandit", "semgrep"):
        for job in SCANNERS[name].jobs(Scope(tool=Tool(name="t"), program="/bin/t", files=files)):
            assert job.arguments == ("./-x.py",)


def test_nothing_to_examine_is_no_job() -> None:
    assert bandit().jobs(scope([])) == []
    assert SCANNERS["pip-audit"].jobs(scope([1], locks=(Lock(path="a"),))) == []
    assert Path(bandit().folder).name == "bandit"
