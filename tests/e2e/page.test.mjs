// The page itself: used by keyboard alone, and what it says of a wrong password.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { onBridge, portsFreed, TRUNK_NUMBER } from "./lib/bridge_scene.mjs";
import { startCapture, telephoneEvents } from "./lib/capture.mjs";
import { USERS } from "./lib/causeway.mjs";

test("the keyboard alone registers, calls, sends digits, hangs up and answers; a wrong password is told", { timeout: 60_000 }, () =>
  onBridge({ trunk: `codecs = ["PCMU"]` }, async ({ browser, trunk, edge, network, directory, add }) => {
    const { page } = browser;
    const capture = add(await startCapture(network, "trunk", directory));
    const type = async (...keys) => {
      for (const key of keys) await page.keyboard.press(key);
    };
    const focused = () => page.evaluate(() => document.activeElement.id);

    await page.reload();
    await page.focus("#user");
    assert.equal(await page.inputValue("#user"), USERS[0].name, "the page remembers its user");
    await type("Tab");
    await page.keyboard.type("wrong");
    await type("Enter");
    await browser.registration("failed");
    await browser.says(/401/);
    await page.focus("#password");
    await type("Control+a");
    await page.keyboard.type(USERS[0].password);
    await type("Enter");
    await browser.registration("registered");

    assert.equal(await focused(), "number", "who has registered types a number");
    await page.keyboard.type(TRUNK_NUMBER);
    await type("Enter");
    await browser.call("talking");
    await sleep(1000);
    await type("5");
    assert.equal(await focused(), "hangup");
    await sleep(1500);
    await type("Escape");
    await trunk.event("CALL_CLOSED");
    await capture.stop();
    assert.deepEqual(telephoneEvents(capture.packets(), { to: network.address("trunk") }).map(({ digit }) => digit), ["5"]);
    await browser.call("idle");

    await trunk.dial(`sip:alice@${edge}`);
    await browser.call("ringing");
    assert.match(await page.title(), /is calling/);
    assert.equal(await focused(), "answer");
    await type("Enter");
    await browser.call("talking");
    await type("Enter");
    await trunk.event("CALL_CLOSED", { count: 2 });
    await browser.call("idle");
  }));

test("a call that is declined ends at the caller, who hears that nobody wants it", { timeout: 60_000 }, () =>
  onBridge({}, async ({ browser, trunk, edge, network }) => {
    await trunk.dial(`sip:alice@${edge}`);
    await browser.call("ringing");
    await browser.hangUp();
    await browser.call("idle");
    await trunk.event("CALL_CLOSED");
    assert.ok(browser.sent.some((message) => /^SIP\/2\.0 (480|486|603) /.test(message)), "the page refuses the call");
    await portsFreed(network);
  }));

test("on a phone's screen everything fits and can be hit with a thumb", { timeout: 60_000 }, () =>
  onBridge({ trunk: `codecs = ["PCMU"]` }, async ({ browser, trunk }) => {
    const { page } = browser;
    await page.setViewportSize({ width: 360, height: 640 });
    const fits = async (state) => {
      const { wide, small } = await page.evaluate(() => ({
        wide: document.documentElement.scrollWidth > window.innerWidth,
        small: [...document.querySelectorAll("button, input")].filter((element) => element.offsetParent && !element.closest("[hidden]")).map((element) => ({ id: element.id || element.dataset.key, box: element.getBoundingClientRect() })).filter(({ box }) => box.height < 40 || box.width < 40 || box.left < 0 || box.right > window.innerWidth).map(({ id }) => id),
      }));
      assert.equal(wide, false, `${state}: nothing is wider than the screen`);
      assert.deepEqual(small, [], `${state}: these are too small or off the screen`);
    };
    await fits("idle");
    await browser.dial(TRUNK_NUMBER);
    await browser.call("talking");
    await fits("talking");
    await browser.hangUp();
    await trunk.event("CALL_CLOSED");
  }));
