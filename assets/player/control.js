// The right to control the session. The coach's address ends with a token in its fragment, which browsers send to no
// server. The server turns it into a cookie that scripts cannot read; then it leaves the address, so that a coach who
// passes the address on does not pass on the control.

const TIMEOUT_MILLIS = 6000;
const RETRY_MILLIS = 3000;

/** Resolves to whether this browser may control the session; waits for a server that does not respond. */
export async function takeControl(api) {
  const token = location.hash.slice(1);
  for (;;) {
    const answer = await request(`${api}/control`, token);
    if (answer !== null && answer.status < 500) {
      if (answer.ok && token !== "") {
        history.replaceState(history.state, "", location.pathname + location.search);
      }
      return answer.ok;
    }
    await new Promise((settled) => setTimeout(settled, RETRY_MILLIS));
  }
}

async function request(address, token) {
  const headers = token === "" ? {} : { authorization: `Bearer ${token}` };
  try {
    return await fetch(address, { method: "POST", headers, signal: AbortSignal.timeout(TIMEOUT_MILLIS) });
  } catch {
    return null;
  }
}
