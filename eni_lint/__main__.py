"""The command `eni-lint`."""

from eni_lint.cli import main

if __name__ == "__main__":
    main()
