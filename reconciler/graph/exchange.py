"""One HTTP request and its answer, whole or not at all. Retries nothing, follows nothing, understands nothing.

Every exception of httpx, httpcore, h2 and ssl ends here as `Broken`, which tells whether the request can have arrived.
"""

from __future__ import annotations

import asyncio
import ssl
import zlib
from collections.abc import AsyncIterable, Callable, Mapping

import h2.exceptions
import hpack
import httpcore
import httpx
import hyperframe.exceptions

from reconciler import __version__
from reconciler.graph.wire import Broken, Raw

# Decoded bytes of one answer. A page of 999 large objects has a few MiB.
MAX_BYTES = 32 * 1024 * 1024
# Seconds for a connection, handshake included. Shorter than the whole, so that a write that cannot have been sent is
# told from one that nobody answered.
_CONNECT = 10.0
# Inflating goes in steps, so that a small answer cannot become a large one before it is counted.
_STEP = 1024 * 1024

_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError, httpx.UnsupportedProtocol)
# httpx translates most exceptions of the libraries below it, but not all of them.
_BROKEN = (
    httpx.HTTPError,
    httpx.InvalidURL,
    httpx.StreamError,
    httpcore.ConnectionNotAvailable,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.TimeoutException,
    h2.exceptions.H2Error,
    hpack.HPACKError,
    hyperframe.exceptions.HyperframeError,
    ssl.SSLError,
    zlib.error,
    OSError,
    EOFError,
)


class Exchange:
    """Sends requests over one kind of connection. `seconds` is the time for one request, from start to last byte."""

    def __init__(self, transport: httpx.AsyncBaseTransport, seconds: float, counted: Callable[[], None]) -> None:
        self._seconds = seconds
        self._counted = counted
        self._client = httpx.AsyncClient(
            transport=transport,
            trust_env=False,
            follow_redirects=False,
            # Each part may take as long as the whole: the deadline around them decides.
            timeout=httpx.Timeout(seconds, connect=min(_CONNECT, seconds / 2), pool=None),
            headers={"Accept-Encoding": "gzip", "User-Agent": f"entra-reconciler/{__version__}"},
        )

    async def send(self, method: str, url: str, headers: Mapping[str, str], content: bytes | None = None) -> Raw:
        """Return the answer.

        Raises:
            Broken: there is none, or it is cut off, too late or too large.
        """
        self._counted()
        try:
            async with asyncio.timeout(self._seconds):
                return await self._send(method, url, headers, content)
        except TimeoutError as error:
            raise Broken(f"no whole answer within {self._seconds:g} s") from error
        except _NOT_SENT as error:
            raise Broken(_reason(error), sent=False, hopeless=_is_distrust(error)) from error
        except _BROKEN as error:
            raise Broken(_reason(error), hopeless=_is_distrust(error)) from error

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _send(self, method: str, url: str, headers: Mapping[str, str], content: bytes | None) -> Raw:
        async with self._client.stream(method, url, headers=headers, content=content) as response:
            names = {name.lower() for name in response.headers}
            kept = {name: tuple(response.headers.get_list(name)) for name in names}
            return Raw(response.status_code, kept, await _content(response))


async def _content(response: httpx.Response) -> bytes:
    """Return the decoded body. httpx would inflate a chunk whole, and layer upon layer, before anyone could count."""
    stream = response.stream
    if not isinstance(stream, AsyncIterable):
        raise Broken("the transport cannot be read")
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("identity", "", "gzip"):
        raise Broken(f"the answer is encoded in a way nobody asked for ({encoding[:40]!r})", hopeless=True)
    inflater = zlib.decompressobj(wbits=31) if encoding == "gzip" else None
    content = bytearray()
    async for chunk in stream:
        if inflater is None:
            content += chunk
        else:
            _inflate(inflater, chunk, content)
        _check_size(content)
    if inflater is not None and content and not inflater.eof:
        raise Broken("the compressed answer is cut off")
    return bytes(content)


def _inflate(inflater: zlib._Decompress, chunk: bytes, content: bytearray) -> None:
    while chunk and not inflater.eof:
        content += inflater.decompress(chunk, _STEP)
        _check_size(content)
        chunk = inflater.unconsumed_tail


def _check_size(content: bytearray) -> None:
    if len(content) > MAX_BYTES:
        raise Broken(f"the answer is larger than {MAX_BYTES // 1024 // 1024} MiB", hopeless=True)


def _is_distrust(error: BaseException) -> bool:
    """Whether the other side could not prove who it is."""
    return "CERTIFICATE_VERIFY_FAILED" in str(error) or isinstance(error, ssl.SSLCertVerificationError)


def _reason(error: Exception) -> str:
    if _is_distrust(error):
        return (
            f"the server's certificate is not trusted ({error}); "
            "set SSL_CERT_FILE when a company proxy or an emulator has its own authority"
        )
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
