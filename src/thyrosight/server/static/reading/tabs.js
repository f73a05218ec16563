// One tab at a time: a second one is told, and may take over; the first one then lets go.

import * as curtain from "./curtain.js";

const ANSWER_WITHIN = 250;

/** @param {string} name of what is to be open once  @param {{begin: () => void, give: () => void}} page */
export function onlyHere(name, { begin, give }) {
  if (!window.BroadcastChannel) return begin();
  const channel = new BroadcastChannel(name);
  let mine = false;
  const take = () => {
    mine = true;
    channel.postMessage("taken");
    begin();
  };
  const waiting = setTimeout(take, ANSWER_WITHIN);
  channel.onmessage = ({ data }) => {
    if (data === "anybody" && mine) channel.postMessage("here");
    if (data === "here" && !mine) {
      clearTimeout(waiting);
      curtain.elsewhere(take);
    }
    if (data === "taken" && mine) {
      mine = false;
      give();
    }
  };
  channel.postMessage("anybody");
  return undefined;
}
