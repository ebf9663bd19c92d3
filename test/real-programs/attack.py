"""What a command in a lane for `transparent_tcp` tries. argv: the port of a server on the host's loopback. Prints JSON."""

import json, os, socket, struct, subprocess, sys

PORT = int(sys.argv[1])
seen = {}


def attempt(name, action):
    try:
        result = action()
    except OSError as error:
        result = error.strerror if error.errno else str(error)
    seen[name] = result if isinstance(result, (str, int)) else "done"


def family(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def connect(address, port=PORT, source=None):
    with socket.socket(family(address)) as s:
        s.settimeout(10)
        if source:
            s.bind(source)
        s.connect((address, port))
        return s.recv(100).decode() or "closed"


def datagram(address, port, data):
    with socket.socket(family(address), socket.SOCK_DGRAM) as s:
        s.settimeout(10)
        s.connect((address, port))
        s.send(data)
        return s.recv(1000)


def bind(address, port, kind=socket.SOCK_STREAM, option=None):
    with socket.socket(family(address), kind) as s:
        for reuse in (socket.SO_REUSEADDR, socket.SO_REUSEPORT):
            s.setsockopt(socket.SOL_SOCKET, reuse, 1)
        if option:
            s.setsockopt(*option)
        s.bind((address, port))
        if kind == socket.SOCK_STREAM:
            s.listen()


def packed(name):
    return b"".join(bytes([len(part)]) + part for part in name.encode().split(b".")) + b"\0"


def question(name, kind=1, of=1, flags=0x100, count=1, more=b""):
    return struct.pack(">6H", 7, flags, count, 0, 0, 0) + name + struct.pack(">2H", kind, of) + more


def code(answer):
    return "code %d, %d answers" % (answer[3] & 15, struct.unpack(">H", answer[6:8])[0])


# Addresses: each is judged, is the command's own, or leads nowhere.
for address in (
    "8.8.8.8 169.254.169.254 10.0.0.1 0.0.0.5 240.0.0.1 198.18.0.77 198.19.255.255 127.0.0.1 127.9.9.9 0.0.0.0 224.0.0.1 "
    "255.255.255.255 ::1 :: ::ffff:127.0.0.1 ::ffff:8.8.8.8 ::ffff:198.18.0.1 2001:db8::1 64:ff9b::7f00:1 fdc0:de00::5 "
    "fe80::1 ff02::1 ::127.0.0.1"
).split():
    attempt("tcp " + address, lambda: connect(address))
for address in ("127.0.0.1", "::1", "127.0.0.53", "::ffff:127.0.0.1"):
    attempt("listening port at " + address, lambda: connect(address, 1))
for text in ("2130706433", "0177.0.0.1", "0x7f.1"):
    attempt("written as " + text, lambda: connect(socket.gethostbyname(text)))
attempt("from a foreign address", lambda: connect("1.1.1.1", source=("8.8.8.8", 0)))
for address in ("8.8.8.8", "169.254.169.254", "2001:db8::1"):
    attempt("udp " + address, lambda: datagram(address, 443, b"x"))

# Questions.
for name, data in {
    "name": question(packed("a.test")),
    "label of 64": question(b"\x40" + b"a" * 64 + b"\0"),
    "name of 300": question(packed(".".join(["a" * 59] * 5))),
    "pointer to itself": question(b"\xc0\x0c"),
    "pointer forward": question(b"\xc0\x30"),
    "two questions": question(packed("a.test"), count=2, more=packed("b.test") + b"\0\1\0\1"),
    "60000 questions": question(packed("a.test"), count=60000),
    "no question": struct.pack(">6H", 7, 0x100, 0, 0, 0, 0),
    "CHAOS": question(packed("version.bind"), 16, 3),
    "CNAME": question(packed("a.test"), 5),
    "an address": question(packed("127.0.0.1")),
    "NUL in a name": question(b"\x03a\0b\4test\0"),
    "an update": question(packed("a.test"), flags=0x2800),
}.items():
    attempt("dns " + name, lambda: code(datagram("127.0.0.53", 53, data)))

# What is the lane's.
for name in ("ip_unprivileged_port_start", "ip_nonlocal_bind", "ip_forward"):
    attempt("sysctl " + name, lambda: open("/proc/sys/net/ipv4/" + name, "w").write("0"))
for name, words in {
    "raw": (socket.AF_INET, socket.SOCK_RAW, 6),
    "raw ICMPv6": (socket.AF_INET6, socket.SOCK_RAW, 58),
    "ping": (socket.AF_INET, socket.SOCK_DGRAM, 1),
    "packet": (17, socket.SOCK_RAW, 0),
    "netlink route": (16, socket.SOCK_RAW, 0),
    "netlink netfilter": (16, socket.SOCK_RAW, 12),
    "vsock": (40, socket.SOCK_STREAM, 0),
    "unix": (socket.AF_UNIX, socket.SOCK_STREAM, 0),
}.items():
    attempt("socket " + name, lambda: socket.socket(*words).close())
for address, port in (("0.0.0.0", 1), ("127.0.0.1", 1), ("8.8.8.8", 1), ("::", 1), ("127.0.0.53", 53), ("0.0.0.0", 53)):
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        attempt("bind %s %d %d" % (address, port, kind), lambda: bind(address, port, kind))
for name, option in {"IP_TRANSPARENT": (0, 19, 1), "SO_MARK": (1, 36, 7)}.items():
    attempt("option " + name, lambda: bind("0.0.0.0", 0, option=option))
attempt("option IP_FREEBIND", lambda: bind("8.8.4.4", 8080, option=(0, 15, 1)))
with socket.socket() as own:
    own.bind(("8.8.4.4", 8081))
    own.listen()
    attempt("tcp to an own listener at 8.8.4.4", lambda: connect("8.8.4.4", 8081))
for words in ("unshare -Urn true", "unshare -Ur true", "nsenter -t 1 -n true"):
    attempt(words, lambda: subprocess.run(words.split(), capture_output=True).returncode and "failed")

print(json.dumps(seen))
