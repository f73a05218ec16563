"""`python -m thyrosight` is the same as `thyrosight`."""

from thyrosight.cli.main import main

if __name__ == "__main__":
    main()
