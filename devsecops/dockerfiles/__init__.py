"""Reads Dockerfiles: instructions with their lines, stages with what they come from, and five rules of our own.

Pure, but for `__main__`, which checks files in a process of its own.
"""

from devsecops.dockerfiles.stages import Reference, Stage, Step, stages
from devsecops.dockerfiles.syntax import Instruction, parse

__all__ = ["Instruction", "Reference", "Stage", "Step", "parse", "stages"]
