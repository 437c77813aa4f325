"""A mail server that keeps what it is handed, on Debian's aiosmtpd.

mail_sink.py --port-file F --log F --control F [--port N]
             [--cert F --key F [--smtps] [--require-tls]] [--auth USER:PASS]

Each mail is a line of JSON in the log: the envelope, the raw message, and what
Python's own parser makes of it. The control file is a JSON list of answers,
looked at each time: {"at": "MAIL"|"RCPT"|"DATA", "say": "450 4.2.1 busy",
"to": ADDRESS}, or "do": "drop" (at DATA: the line is cut before the answer).
"times" counts down.
"""

import argparse
import asyncio
import base64
import email
import email.policy
import json
import os
import ssl
import time

from aiosmtpd.smtp import SMTP, AuthResult


def part(p):
    if p.get_content_disposition() == 'attachment':
        data = p.get_payload(decode=True)
        return {'type': p.get_content_type(), 'file': p.get_filename(),
                'base64': base64.b64encode(data).decode('ascii')}
    return {'type': p.get_content_type(),
            'text': p.get_content().replace('\r\n', '\n')}


class Handler:
    def __init__(self, args):
        self.args = args
        self.used = {}

    def rule(self, at, to=None):
        try:
            with open(self.args.control, encoding='utf-8') as f:
                rules = json.load(f)
        except (OSError, ValueError):
            return None
        for rule in rules:
            if rule['at'] != at or rule.get('to', to) != to:
                continue
            key = json.dumps(rule, sort_keys=True)
            if self.used.get(key, 0) >= rule.get('times', 1 << 30):
                continue
            self.used[key] = self.used.get(key, 0) + 1
            return rule
        return None

    async def handle_MAIL(self, server, session, envelope, address, options):
        rule = self.rule('MAIL')
        if rule:
            return rule['say']
        envelope.mail_from = address
        return '250 OK'

    async def handle_RCPT(self, server, session, envelope, address, options):
        rule = self.rule('RCPT', address)
        if rule:
            return rule['say']
        envelope.rcpt_tos.append(address)
        return '250 OK'

    async def handle_DATA(self, server, session, envelope):
        rule = self.rule('DATA', envelope.rcpt_tos[0])
        if rule and 'say' in rule:
            return rule['say']
        self.keep(session, envelope)
        if rule:
            server.transport.abort()
        return '250 kept'

    def keep(self, session, envelope):
        raw = envelope.content
        mail = email.message_from_bytes(raw, policy=email.policy.default)
        parts = [part(p) for p in mail.walk() if not p.is_multipart()]
        line = json.dumps({
            'from': envelope.mail_from, 'to': envelope.rcpt_tos,
            'tls': self.args.smtps or session.ssl is not None,
            'user': getattr(session, 'login', None),
            'at': time.time(),
            'raw': raw.decode('latin-1'),
            'headers': {k.lower(): str(v) for k, v in mail.items()},
            'type': mail.get_content_type(),
            'defects': [str(d) for p in mail.walk() for d in p.defects],
            'parts': parts})
        with open(self.args.log, 'a', encoding='utf-8') as f:
            f.write(line + '\n')


def authenticator(args):
    def check(server, session, envelope, mechanism, data):
        session.login = data.login.decode()
        good = '%s:%s' % (session.login, data.password.decode()) == args.auth
        return AuthResult(success=good)
    return check


async def main(args):
    context = None
    if args.cert:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(args.cert, args.key)
    handler = Handler(args)
    auth = {}
    if args.auth:
        auth = {'authenticator': authenticator(args), 'auth_required': True,
                'auth_require_tls': bool(context) and not args.smtps}

    def session():
        return SMTP(handler, hostname='relay.example.test',
                    data_size_limit=4 << 20, enable_SMTPUTF8=False,
                    tls_context=None if args.smtps else context,
                    require_starttls=args.require_tls, **auth)

    loop = asyncio.get_running_loop()
    server = await loop.create_server(session, '127.0.0.1', args.port,
                                      ssl=context if args.smtps else None)
    with open(args.port_file + '.new', 'w', encoding='ascii') as f:
        f.write('%d\n' % server.sockets[0].getsockname()[1])
    os.rename(args.port_file + '.new', args.port_file)
    await server.serve_forever()


parser = argparse.ArgumentParser()
parser.add_argument('--port', type=int, default=0)
for name in ('port-file', 'log', 'control', 'cert', 'key', 'auth'):
    parser.add_argument('--' + name)
for name in ('smtps', 'require-tls'):
    parser.add_argument('--' + name, action='store_true')
asyncio.run(main(parser.parse_args()))
