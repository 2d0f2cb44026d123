// Valid SIP messages to start from; nobody here has a call or a binding.

const TORTUOUS = `INVITE sip:nobody@%ADDRESS%;unknownparam SIP/2.0
TO :
 sip:nobody@%ADDRESS% ;   tag    = 1918181833n
from   : "J Rosenberg \\\\\\""       <sip:jdrosen@example.com>
  ;
  tag = 98asjd8
MaX-fOrWaRdS: 0068
Call-ID: wsinv.ndaksdj@192.0.2.1
Content-Length   : 0
cseq: 0009
  INVITE
Via  : SIP  /   2.0
 /UDP
    192.0.2.2;branch=390skdjuw
s :
Route:
 <sip:services.example.com;lr;unknownwith=value;unknown-no-value>
v:  SIP  / 2.0  / TCP     spindle.example.com   ;
  branch  =   z9hG4bK9ikj8  ,
 SIP  /    2.0   / UDP  192.168.255.111   ; branch=
 z9hG4bK30239
m:"Quoted string \\"\\"" <sip:jdrosen@example.com> ; newparam =
      newvalue ;
  secondparam ; q = 0.33

`.replaceAll("\n", "\r\n");

const AUTHORIZATION = `Digest username="alice", realm="%ADDRESS%", nonce="AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", uri="sip:%ADDRESS%", response="0123456789abcdef0123456789abcdef", algorithm=MD5, cnonce="xyz", nc=00000001, qop=auth`;

function message(startLine, method, n, more = [], body = "") {
  return [
    startLine,
    `Via: SIP/2.0/UDP 192.0.2.77:5060;branch=z9hG4bKh${n};rport`,
    "Max-Forwards: 70",
    `From: "Hostile" <sip:hostile@%ADDRESS%>;tag=h${n}`,
    `To: <sip:nobody@%ADDRESS%>${/ACK|BYE|SIP\/2.0 /.test(startLine) && !startLine.startsWith("INVITE") ? ";tag=x" : ""}`,
    `Call-ID: hostile-${n}`,
    `CSeq: ${n + 1} ${method}`,
    ...more,
    `Content-Length: ${body.length}`,
    "",
    body,
  ].join("\r\n");
}

/** `address`: the proxy's, also its domain. `sdp`: bodies to carry. */
export function sipSamples(address, sdp) {
  const contact = "Contact: <sip:hostile@192.0.2.77:5060;transport=udp>";
  const texts = [TORTUOUS, "\r\n\r\n", "\r\n"];
  for (let n = 0; n < 30; ++n) {
    const body = sdp[n % sdp.length];
    const uri = `sip:${["nobody", "alice", "600", "+4930123", "%61lice"][n % 5]}x@%ADDRESS%`;
    const route = `Route: <sip:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB@%ADDRESS%;lr>`;
    texts.push(
      message(`INVITE ${uri} SIP/2.0`, "INVITE", n, [contact, "Content-Type: application/sdp", "Supported: timer, 100rel"], body),
      message(`OPTIONS sip:%ADDRESS% SIP/2.0`, "OPTIONS", n),
      message(`REGISTER sip:%ADDRESS% SIP/2.0`, "REGISTER", n, [contact, "Expires: 60", `Authorization: ${AUTHORIZATION}`]),
      message(`REGISTER sip:%ADDRESS% SIP/2.0`, "REGISTER", n, [`${contact};reg-id=1;+sip.instance="<urn:uuid:00000000-0000-1000-8000-AABBCCDDEEFF>"`, "Supported: path, outbound"]),
      message(`BYE ${uri} SIP/2.0`, "BYE", n, [route]),
      message(`ACK ${uri} SIP/2.0`, "ACK", n, [route]),
      message(`CANCEL ${uri} SIP/2.0`, "CANCEL", n),
      message(`UPDATE ${uri} SIP/2.0`, "UPDATE", n, [route, contact, "Content-Type: application/sdp"], body),
      message(`MESSAGE ${uri} SIP/2.0`, "MESSAGE", n, ["Content-Type: text/plain", `Proxy-Authorization: ${AUTHORIZATION}`], "hello"),
      message("SIP/2.0 200 OK", "INVITE", n, [contact, `Record-Route: <sip:x@%ADDRESS%;lr>`, "Content-Type: application/sdp"], body),
      message("SIP/2.0 407 Proxy Authentication Required", "INVITE", n, [`Proxy-Authenticate: Digest realm="x", nonce="y", qop="auth"`]),
    );
  }
  return texts.map((text) => Buffer.from(text.replaceAll("%ADDRESS%", address), "latin1"));
}
