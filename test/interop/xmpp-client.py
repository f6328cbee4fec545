"""An XMPP client of slixmpp that a test drives: commands as JSON lines on stdin, what it hears as JSON lines on stdout.

It resends nothing and drops nothing: what comes twice is told twice. Usage: xmpp-client.py JID PASSWORD HOST PORT
"""

import asyncio
import json
import sys
import xml.etree.ElementTree as ElementTree

import slixmpp

MESSAGE = "{jabber:client}"
STANZAS = "{urn:ietf:params:xml:ns:xmpp-stanzas}"


def tell(event, **fields):
    print(json.dumps({"type": event, **fields}), flush=True)


def child(parent, name):
    return None if parent is None else parent.find(name)


def text_of(parent, name):
    found = child(parent, name)
    return None if found is None else (found.text or "")


class Client(slixmpp.ClientXMPP):
    def __init__(self, jid, password, host, port):
        super().__init__(jid, password)
        self.at = (host, port)
        self.register_plugin("xep_0313")
        self.add_event_handler("session_start", self.started)
        self.add_event_handler("disconnected", lambda reason: tell("offline"))
        self.add_event_handler("failed_auth", lambda event: tell("failed-auth"))
        self.register_handler(
            slixmpp.xmlstream.handler.Callback(
                "all messages", slixmpp.xmlstream.matcher.MatchXPath(MESSAGE + "message"), self.heard
            )
        )
        self.register_handler(
            slixmpp.xmlstream.handler.Callback(
                "all presence",
                slixmpp.xmlstream.matcher.MatchXPath("{jabber:client}presence"),
                lambda p: tell(
                    "presence",
                    **{"from": str(p["from"]), "kind": p.xml.get("type"), "status": text_of(p.xml, MESSAGE + "status")},
                ),
            )
        )

    def go(self):
        self.connect(self.at, disable_starttls=True)

    async def started(self, event):
        # Before presence: what waits at the server comes with the presence.
        tell("online", jid=self.boundjid.full)
        self.send_presence()

    def heard(self, stanza, **more):
        xml = stanza.xml
        error = child(xml, MESSAGE + "error")
        conditions = [] if error is None else [c.tag.replace(STANZAS, "") for c in error if c.tag != STANZAS + "text"]
        received = child(xml, "{urn:xmpp:receipts}received")
        stable = child(xml, "{urn:xmpp:sid:0}origin-id")
        delay = child(xml, "{urn:xmpp:delay}delay")
        tell(
            "message",
            **{"from": xml.get("from"), "to": xml.get("to"), "id": xml.get("id"), "kind": xml.get("type")},
            body=text_of(xml, MESSAGE + "body"),
            received=None if received is None else received.get("id"),
            stable=None if stable is None else stable.get("id"),
            delay=None if delay is None else delay.get("stamp"),
            nick=text_of(xml, "{http://jabber.org/protocol/nick}nick"),
            error=None if error is None else {"conditions": conditions, "text": text_of(error, STANZAS + "text")},
            **more,
        )

    async def ask(self, command):
        iq = self.make_iq(id=command["id"], ifrom=self.boundjid.full, ito=command["to"], itype=command["kind"])
        iq.append(ElementTree.fromstring(command["xml"]))
        try:
            answer = await iq.send(timeout=10)
        except slixmpp.exceptions.IqError as error:
            answer = error.iq
        tell("iq", id=command["id"], kind=answer["type"], xml=ElementTree.tostring(answer.xml, "unicode"))

    async def archive(self):
        count = 0
        async for page in self["xep_0313"].retrieve(with_jid=None, rsm={"max": 50}, iterator=True):
            for result in page["mam"]["results"]:
                self.heard(result["mam_result"]["forwarded"]["stanza"], archived=True)
                count += 1
        tell("archive", count=count)

    def take(self, command):
        kind = command["type"]
        if kind == "send":
            message = self.make_message(mto=command["to"], mbody=command["body"], mtype="chat")
            message["id"] = command["id"]
            for extra in command.get("extra", []):
                message.append(ElementTree.fromstring(extra))
            message.send()
        elif kind == "presence":
            self.send_presence(pto=command["to"], ptype=command.get("kind"))
        elif kind == "iq":
            asyncio.ensure_future(self.ask(command))
        elif kind == "archive":
            asyncio.ensure_future(self.archive())
        elif kind == "connect":
            self.go()


async def main():
    jid, password, host, port = sys.argv[1:5]
    client = Client(jid, password, host, int(port))
    client.go()
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        client.take(json.loads(line))
    client.abort()


asyncio.get_event_loop().run_until_complete(main())
