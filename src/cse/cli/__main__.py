"""`python -m cse.cli`: how processes of ours start others without looking for the script."""

from cse.cli import main

main()
