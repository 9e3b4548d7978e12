// The right to control the session. The coach's address ends with a token in its fragment, which browsers send to no
// server. The server turns it into a cookie that scripts cannot read. If the browser keeps the cookie, the token leaves the
// address, so that a coach who passes the address on does not pass on the control.

// The characters of a token.
const TOKEN = /^[\w.~+/=-]+$/;
const TIMEOUT_MILLIS = 6000;
const RETRY_MILLIS = 3000;

/**
 * Resolves to the token that commands need, which is empty when the browser has the cookie, or to null when this browser may
 * not control the session. Waits for a server that does not respond.
 */
export async function takeControl(api) {
  const [token] = TOKEN.exec(location.hash.slice(1)) ?? [""];
  const answer = await responded(`${api}/control`, token);
  if (!answer.ok || token === "") {
    return answer.ok ? "" : null;
  }
  // Without a secure connection, browsers discard a cookie of a server that is reached by a secure one.
  const kept = await responded(`${api}/control`, "");
  if (!kept.ok) {
    return token;
  }
  history.replaceState(history.state, "", location.pathname + location.search);
  return "";
}

/** The headers with which a request acts for the coach. */
export const credentials = (token) => (token === "" ? {} : { authorization: `Bearer ${token}` });

/** The response to a request, which is repeated until the server responds. */
async function responded(address, token) {
  for (;;) {
    const answer = await request(address, token);
    if (answer !== null && answer.status < 500) {
      return answer;
    }
    await new Promise((settled) => setTimeout(settled, RETRY_MILLIS));
  }
}

async function request(address, token) {
  try {
    return await fetch(address, { method: "POST", headers: credentials(token), signal: AbortSignal.timeout(TIMEOUT_MILLIS) });
  } catch {
    return null;
  }
}
