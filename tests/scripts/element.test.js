// Who answers a button, and that nothing is listened to once an element has left.
import assert from "node:assert/strict";
import { test } from "node:test";

globalThis.HTMLElement = class extends EventTarget {
  querySelector() {
    return null;
  }
};
const { OpicElement } = await import("opic/shared/element");

class Element extends OpicElement {
  done = [];
  actions = {
    again: (button) => this.done.push(["again", button.dataset.do]),
    stop: () => this.done.push(["stop"]),
  };

  handleEvent({ type }) {
    this.done.push([type]);
  }
}

function connected() {
  const element = new Element();
  element.connectedCallback();
  return element;
}

function press(element, name) {
  const button = name === undefined ? null : { dataset: { do: name } };
  const event = new Event("click");
  Object.defineProperty(event, "target", { value: { closest: () => button } });
  element.dispatchEvent(event);
}

test("a press is answered by the entry of its name, with the button", () => {
  const element = connected();
  press(element, "again");
  press(element, "stop");
  assert.deepEqual(element.done, [["again", "again"], ["stop"]]);
});

test("an answer stands in the table itself", () => {
  const element = connected();
  Object.setPrototypeOf(element.actions, { inherited: () => element.done.push(["inherited"]) });
  press(element, "inherited");
  assert.deepEqual(element.done, []);
});

for (const name of ["record", "toString", "constructor", "done", "handleEvent", undefined]) {
  test(`${name} is answered by nobody here`, () => {
    const element = connected();
    press(element, name);
    assert.deepEqual(element.done, []);
  });
}

test("what an element listens to ends with it, and begins anew when it comes back", () => {
  const element = connected();
  const page = new EventTarget();
  const send = () => ["online", "focus"].forEach((type) => page.dispatchEvent(new Event(type)));
  element.listenTo(page, ["online", "focus"]);
  send();
  assert.deepEqual(element.done, [["online"], ["focus"]]);
  element.disconnectedCallback();
  send();
  press(element, "stop");
  assert.equal(element.done.length, 2);
  element.connectedCallback();
  press(element, "stop");
  send();
  assert.deepEqual(element.done.at(-1), ["stop"]);
  assert.equal(element.done.length, 3);
});
