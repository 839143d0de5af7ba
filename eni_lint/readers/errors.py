"""What a reader says when an input cannot be read at all."""


class ReadError(Exception):
    """Stops the reading of one input with a sentence for its author and the place that caused it.

    `line` and `column` count from one; zero means that the whole file is meant.
    """

    def __init__(self, message: str, file: str = "", line: int = 0, column: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.file = file
        self.line = line
        self.column = column

    def __str__(self) -> str:
        place = [self.file or "<input>", *(str(number) for number in (self.line, self.column) if number)]
        return f"{':'.join(place)}: {self.message}"
