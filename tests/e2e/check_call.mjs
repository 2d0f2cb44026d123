// Places one call through a running bridge as a user would: page, WSS, ICE, DTLS-SRTP, Opus; listens for the echo of a
// known melody and prints what it found. Exit code 0 only if the melody came back.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Browser } from "./lib/browser.mjs";
import { MELODIES, requireMelody } from "./lib/melody.mjs";

const LISTEN_MS = 8000;
const [url, user, password, number] = process.argv.slice(2);
if (!number) {
  console.error("usage: check_call.mjs URL USER PASSWORD NUMBER");
  process.exit(64);
}

const directory = mkdtempSync(join(tmpdir(), "causeway-check-"));
const browser = await Browser.launch({ directory, melody: MELODIES.browser, loopback: true });
try {
  await browser.open(url, { user, password });
  await browser.dial(number);
  await browser.call("talking");
  await browser.startRecording();
  await sleep(LISTEN_MS);
  const figures = await browser.figures();
  if (!/opus/i.test(figures.codec)) throw new Error(`the browser's codec is ${figures.codec}, not Opus`);
  const echo = requireMelody(await browser.heard(), MELODIES.browser, { what: "the echo" });
  await browser.hangUp();
  await browser.call("idle");
  console.log(`check passed: ${number} answered and echoed the melody (${echo.right} notes in order, ${Math.round(echo.share * 100)} % of the time; ` +
    `${figures.codec}, round trip ${figures.roundTrip}, loss ${figures.loss}, jitter ${figures.jitter})`);
} catch (error) {
  console.error(`check failed: ${error.message}`);
  process.exitCode = 1;
} finally {
  await browser.close();
  rmSync(directory, { recursive: true, force: true });
}
