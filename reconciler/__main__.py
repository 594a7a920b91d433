"""`python -m reconciler`: the command of a checkout that nobody installed, as in the workflows of this repository."""

from reconciler.cli import main

main()
