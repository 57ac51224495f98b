"""From a request's body to the bytes of a recording, with a bound on everything. Knows no sound.

Nothing of it touches the disk, and the file's name is dropped unread.
"""

import asyncio
from collections.abc import AsyncGenerator

from fastapi import HTTPException, Request
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect

from .desk import Place

MAX_BYTES = 20_000_000
"""Largest recording taken: ten minutes of MP3, or 100 seconds of CD-quality WAV."""

FORM_BYTES = 64_000
"""What the form around the recording may weigh."""

UPLOAD_SECONDS = 60
"""Longest time that a recording may take to arrive: it holds a place in the queue."""

TOO_LARGE = f"The recording is larger than {MAX_BYTES // 1_000_000} MB: cut it, or send it as MP3."
NO_FILE = "Send the recording as a file in the multipart field 'file', for instance with curl -F file=@sound.wav."

REQUEST_BODY = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["file"],
                "properties": {
                    "file": {
                        "type": "string",
                        "format": "binary",
                        "description": f"Any sound or video with sound, of {MAX_BYTES // 1_000_000} MB at most.",
                    }
                },
            }
        }
    },
}
"""The OpenAPI description of what `recording` reads: FastAPI can only describe bodies that it parses itself."""


class _Form(MultiPartParser):
    spool_max_size = MAX_BYTES + FORM_BYTES  # never to a temporary file


async def recording(request: Request, place: Place) -> bytes:
    """The bytes in the form's field `file`.

    Raises:
        HTTPException: 400, 408, 413, 422 or 503.
    """
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise HTTPException(422, NO_FILE)
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > MAX_BYTES + FORM_BYTES:
        raise HTTPException(413, TOO_LARGE)
    try:
        async with asyncio.timeout(UPLOAD_SECONDS):
            parser = _Form(request.headers, _counted(request, place), max_files=1, max_fields=8, max_part_size=4096)
            form = await parser.parse()
    except TimeoutError as error:
        raise HTTPException(
            408, f"The recording did not arrive within {UPLOAD_SECONDS} seconds: send it again."
        ) from error
    except ClientDisconnect as error:
        raise HTTPException(400, "The recording did not arrive: the connection was closed.") from error
    except MultiPartException as error:
        raise HTTPException(400, f"The form can't be read ({error.message.rstrip('.')}). {NO_FILE}") from error
    try:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise HTTPException(422, NO_FILE)
        data = await file.read()
    finally:
        await form.close()
    if len(data) > MAX_BYTES:
        raise HTTPException(413, TOO_LARGE)
    return data


async def _counted(request: Request, place: Place) -> AsyncGenerator[bytes, None]:
    """The body, as long as it stays within bounds, whatever its headers say."""
    async for part in request.stream():
        place.weigh(len(part))
        if place.bytes > MAX_BYTES + FORM_BYTES:
            raise HTTPException(413, TOO_LARGE)
        yield part
