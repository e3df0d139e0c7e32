"""`python -m technogen` is the command line."""

from technogen.cli import run

if __name__ == "__main__":
    run()
