import puppeteer from "puppeteer-core";
const [url, out, w, h] = process.argv.slice(2);
const b = await puppeteer.launch({executablePath: "/usr/bin/chromium", args: ["--no-sandbox","--autoplay-policy=no-user-gesture-required"]});
const p = await b.newPage(); await p.setViewport({width:+w,height:+h});
p.on("console", m => console.log("console:", m.type(), m.text())); p.on("pageerror", e => console.log("pageerror", e.message));
await p.goto(url); await new Promise(r=>setTimeout(r,9000));
console.log(JSON.stringify(await p.evaluate(()=>({...document.body.dataset}))));
await p.screenshot({path: out}); await b.close();
