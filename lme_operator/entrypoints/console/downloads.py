"""Files that leave the console: always as a download, named by us, kept by no browser."""

from lme_operator.entrypoints.common.routes import Answer


def download(content: bytes, *, media: str, name: str) -> Answer:
    """Answer a file of ours for download; `name` has no character that a header must quote."""
    headers = {
        "Content-Type": media,
        "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "no-store",
    }
    return Answer(content, headers=headers)
