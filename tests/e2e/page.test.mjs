// The page itself: used by keyboard alone, and what it says of a wrong password.
import assert from "node:assert/strict";
import { test } from "node:test";
import { onBridge, TRUNK_NUMBER } from "./lib/bridge_scene.mjs";
import { USERS } from "./lib/causeway.mjs";

test("the keyboard alone registers, calls, sends digits, hangs up and answers; a wrong password is told", { timeout: 60_000 }, () =>
  onBridge({ trunk: `codecs = ["PCMU"]` }, async ({ browser, trunk, edge }) => {
    const { page } = browser;
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
    await type("5");
    assert.equal(await focused(), "hangup");
    await type("Escape");
    await trunk.event("CALL_CLOSED");
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
