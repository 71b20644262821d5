"""What `looking` says of an upload. Codes are those of `identity.Defect`, which this process does not load."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Found:
    """What a document shows: pixels of a picture with its preview, or pages."""

    width: int | None = None
    height: int | None = None
    pages: int | None = None
    preview: bytes = field(default=b"", repr=False)


class Unfit(Exception):
    """The upload is not admitted; `codes` say why."""

    def __init__(self, *codes: str) -> None:
        super().__init__(*codes)
        self.codes = codes
