"""`python -m pasvu` is `pasvu`."""

from pasvu.door.cli import main

if __name__ == "__main__":
    main(prog_name="pasvu")
