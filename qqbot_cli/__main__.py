"""`python -m qqbot_cli` is `qqbot`."""

from qqbot_cli.cli.app import main

if __name__ == "__main__":
    main()
