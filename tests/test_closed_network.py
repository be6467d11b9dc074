"""No product under test leaves this machine: what tries to is refused, and fails the test."""

import pytest

from tests.product import Product

REACHES = """
import socket
for way in ("connect", "name"):
    try:
        if way == "name":
            socket.getaddrinfo("example.org", 443)
        else:
            socket.create_connection(("192.0.2.1", 443), 1)
    except OSError as refused:
        print(refused)
socket.create_connection(("127.0.0.1", {port}), 5).close()
"""


@pytest.mark.processes
def test_what_a_product_reaches_for_is_refused_and_told(tmp_path, prepared_folder):
    product = Product(tmp_path / "product")
    with pytest.raises(AssertionError, match=r"getaddrinfo example\.org"), product:
        lines = product.python(REACHES.format(port=product.port)).splitlines()
        assert lines == ["no test reaches 192.0.2.1", "no test reaches example.org"]
