"""`python -m qqbot_cli` is `qqbot`."""

from qqbot_cli.cli.entry import main

if __name__ == "__main__":
    main()
