"""A mail server for tests: takes mails on loopback and writes each as a line of JSON. Arguments: a JSON object."""

import asyncio
import base64
import json
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult, MISSING

options = json.loads(sys.argv[1])


def say(**what):
    print(json.dumps(what), flush=True)


class Handler:
    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        session.host_name = hostname
        say(event="connected", tls=session.ssl is not None)
        return responses

    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        if address.startswith("nobody@"):
            return "550 5.1.1 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        say(
            event="mail",
            sender=envelope.mail_from,
            recipients=envelope.rcpt_tos,
            auth=str(session.auth_data) if session.authenticated else None,
            text=envelope.content.decode("utf8", "replace"),
        )
        if b"refuse this" in envelope.content:
            return "554 5.7.1 not wanted"
        if b"later please" in envelope.content:
            return "451 4.7.1 try again"
        return "250 OK"

    async def auth_PLAIN(self, server, args):
        identity, user, password = base64.b64decode(args[1]).decode().split("\0")
        good = user == "hub" and password == "s3cret"
        return AuthResult(success=good, auth_data=f"plain {identity}/{user}") if good else AuthResult(success=False, handled=False)

    async def auth_EXTERNAL(self, server, args):
        return AuthResult(success=True, auth_data="external " + args[1])

    async def auth_ANONYMOUS(self, server, args):
        return AuthResult(success=True, auth_data="anonymous " + base64.b64decode(args[1]).decode())

    async def auth_OAUTHBEARER(self, server, args):
        word = base64.b64decode(args[1]).decode()
        if "auth=Bearer t0ken\x01" in word:
            return AuthResult(success=True, auth_data="oauthbearer " + word.split("\x01")[0])
        await server.push("334 " + base64.b64encode(b'{"status":"invalid_token"}').decode())
        await server._reader.readline()
        return AuthResult(success=False, handled=False)


async def main():
    context = None
    if "cert" in options:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(options["cert"], options["key"])
        if "authority" in options:
            context.load_verify_locations(options["authority"])
            context.verify_mode = ssl.CERT_REQUIRED
    handler = Handler()

    def protocol():
        return SMTP(
            handler,
            hostname="mail.test",
            tls_context=context,
            require_starttls=context is not None,
            auth_require_tls=context is not None,
            auth_required=options.get("auth", False),
            data_size_limit=options.get("limit", 1000000),
            enable_SMTPUTF8=True,
        )

    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0)
    say(event="ready", port=server.sockets[0].getsockname()[1])
    await server.serve_forever()


asyncio.run(main())
