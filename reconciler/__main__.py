"""`python -m reconciler`: the command of a checkout that nobody installed, as in the workflows of this repository."""

from reconciler.cli import main

# Whoever imports all modules, as the benchmark does, must not start a command by it.
if __name__ == "__main__":
    main()
