# Kills what a scan left behind; started by process.Guard with the scan's private folder as its argument.
#
# Reads lines "+GROUP" and "-GROUP" until the pipe closes, which happens when its parent ends in any way, SIGKILL
# included. Then it kills the process groups that are left and removes the folder.
# A shell script because it must be there at once and cost nothing: an interpreter takes ten times as long to start.

trap '' HUP INT TERM
groups=
while read -r line; do
    group=${line#[+-]}
    others=
    for known in $groups; do
        [ "$known" = "$group" ] || others="$others $known"
    done
    case $line in
        +*) groups="$others $group" ;;
        -*) groups=$others ;;
    esac
done
for group in $groups; do
    kill -s KILL -- "-$group" 2>/dev/null
done
rm -rf -- "$1"
