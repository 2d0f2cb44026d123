// A telephone of one of our users: registers with digest, then calls and is called.
import { Baresip } from "./baresip.mjs";
import { USERS } from "./causeway.mjs";
import { MELODIES } from "./melody.mjs";

const BOB = USERS[1];

/** Bob's phone on `host`, registered over `transport` with the proxy at `edge`; it answers by itself. */
export async function startPhone(network, host, directory, { edge, transport = "udp" }) {
  const phone = await new Baresip(network, host, directory, {
    user: BOB.name,
    domain: edge,
    transport,
    registers: true,
    melody: MELODIES.other,
    account: `;auth_user=${BOB.name};auth_pass=${BOB.password};answermode=auto`,
  }).start();
  await phone.program.says("200 OK () [1 binding]");
  return phone;
}
