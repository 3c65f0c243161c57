package dossier_test

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/triggerfinder/triggerfinder/report/dossier"
)

var (
	shots = flag.String("shots", "", "folder for screenshots of the pages that a browser renders")
	shoot = flag.String("page", "", "a report.html to render as well")
)

// browser is a headless Chromium, spoken to through its DevTools protocol.
type browser struct {
	t       *testing.T
	to      io.Writer
	from    *bufio.Reader
	id      int
	session string
	events  []event
}

type event struct {
	Method string          `json:"method"`
	Params json.RawMessage `json:"params"`
}

// openBrowser starts Chromium, or skips the test where there is none.
func openBrowser(t *testing.T) *browser {
	t.Helper()
	var path string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		t.Skip("no Chromium found: the page is not rendered")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	toRead, to, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	from, fromWrite, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	profile, err := os.MkdirTemp("", "chromium")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(ctx, path, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run",
		"--disable-background-networking", "--user-data-dir="+profile, "--remote-debugging-pipe", "about:blank")
	cmd.ExtraFiles = []*os.File{toRead, fromWrite}
	if err := cmd.Start(); err != nil {
		t.Skipf("%s does not start: %v", path, err)
	}
	toRead.Close()
	fromWrite.Close()
	b := &browser{t: t, to: to, from: bufio.NewReader(from)}
	t.Cleanup(func() {
		to.Close()
		cancel()
		_ = cmd.Wait()
		from.Close()
		_ = os.RemoveAll(profile)
	})
	var target struct {
		ID string `json:"targetId"`
	}
	b.call("Target.createTarget", map[string]any{"url": "about:blank"}, &target)
	var attached struct {
		Session string `json:"sessionId"`
	}
	b.call("Target.attachToTarget", map[string]any{"targetId": target.ID, "flatten": true}, &attached)
	b.session = attached.Session
	for _, domain := range []string{"Page", "Network", "Log", "Runtime"} {
		b.call(domain+".enable", nil, nil)
	}
	return b
}

// call sends a command and waits for its answer; events on the way are kept.
func (b *browser) call(method string, params, answer any) {
	b.t.Helper()
	b.id++
	message := map[string]any{"id": b.id, "method": method}
	if params != nil {
		message["params"] = params
	}
	if b.session != "" {
		message["sessionId"] = b.session
	}
	data, err := json.Marshal(message)
	if err != nil {
		b.t.Fatal(err)
	}
	if _, err := b.to.Write(append(data, 0)); err != nil {
		b.t.Fatalf("%s: %v", method, err)
	}
	for {
		m := b.next(method)
		if m.ID == 0 {
			continue
		}
		if m.Error != nil {
			b.t.Fatalf("%s: %s", method, m.Error.Message)
		}
		if m.ID == b.id {
			if answer != nil {
				if err := json.Unmarshal(m.Result, answer); err != nil {
					b.t.Fatal(err)
				}
			}
			return
		}
	}
}

type message struct {
	ID     int             `json:"id"`
	Result json.RawMessage `json:"result"`
	Error  *struct {
		Message string `json:"message"`
	} `json:"error"`
	event
}

func (b *browser) next(during string) message {
	b.t.Helper()
	data, err := b.from.ReadBytes(0)
	if err != nil {
		b.t.Fatalf("%s: the browser ended: %v", during, err)
	}
	var m message
	if err := json.Unmarshal(data[:len(data)-1], &m); err != nil {
		b.t.Fatal(err)
	}
	if m.Method != "" {
		b.events = append(b.events, m.event)
	}
	return m
}

// open shows a page at a width, in a colour scheme, and waits until it is there.
func (b *browser) open(path string, width int, scheme string) {
	b.t.Helper()
	b.events = nil
	b.call("Emulation.setDeviceMetricsOverride", map[string]any{"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}, nil)
	b.call("Emulation.setEmulatedMedia", map[string]any{"features": []map[string]string{{"name": "prefers-color-scheme", "value": scheme}}}, nil)
	b.call("Page.navigate", map[string]any{"url": "file://" + filepath.ToSlash(path)}, nil)
	for b.count("Page.loadEventFired") == 0 {
		b.next("Page.navigate")
	}
}

func (b *browser) count(method string) int {
	n := 0
	for _, e := range b.events {
		if e.Method == method {
			n++
		}
	}
	return n
}

// evaluate runs a script in the page; its value becomes answer.
func (b *browser) evaluate(script string, answer any) {
	b.t.Helper()
	var result struct {
		Result struct {
			Value json.RawMessage `json:"value"`
		} `json:"result"`
		Exception json.RawMessage `json:"exceptionDetails"`
	}
	b.call("Runtime.evaluate", map[string]any{"expression": script, "returnByValue": true, "awaitPromise": true}, &result)
	if result.Exception != nil {
		b.t.Fatalf("script: %s", result.Exception)
	}
	if err := json.Unmarshal(result.Result.Value, answer); err != nil {
		b.t.Fatalf("script: %v", err)
	}
}

func (b *browser) screenshot(path string) {
	b.t.Helper()
	var shot struct {
		Data string `json:"data"`
	}
	b.call("Page.captureScreenshot", map[string]any{"captureBeyondViewport": true}, &shot)
	data, err := base64.StdEncoding.DecodeString(shot.Data)
	if err == nil {
		err = os.WriteFile(path, data, 0o666)
	}
	if err != nil {
		b.t.Fatal(err)
	}
}

// pageFacts is what a page looks like from inside.
type pageFacts struct {
	Title, Verdict   string
	Images, Decoded  int
	WithoutAlt       int
	Scripts, Links   int
	Tables, NoHeader int
	SVGWithoutLabel  int
	DeadLinks        []string
	Sounds, Played   int      // elements, and those of which the browser knows how long they are
	Edits, Marked    int      // edits of texts, and those that more than a colour tells
	Bars, Drawn      int      // bars, and those that can be seen
	Wider            []string // than the screen
	LowContrast      []string
}

const inspectPage = `(() => {
const rgb = s => (s.match(/[\d.]+/g) || []).map(Number);
const lin = v => { v /= 255; return v <= 0.03928 ? v / 12.92 : Math.pow((v + 0.055) / 1.055, 2.4) };
const lum = c => 0.2126 * lin(c[0]) + 0.7152 * lin(c[1]) + 0.0722 * lin(c[2]);
const background = e => { for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor); if (c.length == 3 || c[3] > 0) return c } return [255,255,255] };
const low = new Set();
for (const e of document.querySelectorAll('body *')) {
  const own = [...e.childNodes].some(n => n.nodeType == 3 && n.textContent.trim());
  if (!own || !e.getClientRects().length) continue;
  const s = getComputedStyle(e), ink = rgb(e instanceof SVGElement ? s.fill : s.color);
  const a = lum(ink), b = lum(background(e)), ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  if (ratio < 4.5) low.add(e.tagName + '.' + (e.className.baseVal ?? e.className) + ' ' + ratio.toFixed(2));
}
const images = [...document.images], inner = document.documentElement.clientWidth;
return {
  Title: document.title, Verdict: document.getElementById('verdict').textContent,
  Images: images.length, Decoded: images.filter(i => i.complete && i.naturalWidth > 0).length,
  WithoutAlt: images.filter(i => !i.alt).length,
  Scripts: document.scripts.length, Links: document.querySelectorAll('link:not([href="data:,"]),iframe,object,embed,base,form').length,
  Tables: document.querySelectorAll('table').length, NoHeader: [...document.querySelectorAll('table')].filter(t => !t.querySelector('th[scope=col]') || !t.querySelector('th[scope=row]')).length,
  SVGWithoutLabel: document.querySelectorAll('svg:not([aria-label]):not([aria-hidden=true]):not([aria-hidden] svg):not(.barcell svg)').length,
  DeadLinks: [...document.querySelectorAll('a')].map(a => a.getAttribute('href')).filter(h => !h.startsWith('#') || !document.getElementById(h.slice(1))),
  Sounds: document.querySelectorAll('audio').length, Played: [...document.querySelectorAll('audio')].filter(a => a.duration > 0.2 && a.controls && a.getAttribute('aria-label') && a.getClientRects().length).length,
  Edits: document.querySelectorAll('.edits del,.edits ins').length,
  Marked: [...document.querySelectorAll('.edits del,.edits ins')].filter(e => getComputedStyle(e).textDecorationLine == (e.tagName == 'DEL' ? 'line-through' : 'underline')).length,
  Bars: document.querySelectorAll('.changes rect').length, Drawn: [...document.querySelectorAll('.changes rect')].filter(r => r.getBoundingClientRect().width > 0 && getComputedStyle(r).fill != getComputedStyle(document.body).backgroundColor).length,
  Wider: document.documentElement.scrollWidth > inner ? [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > inner + 1 && !e.closest('.scroll')).map(e => e.tagName + '.' + e.className).slice(0, 5) : [],
  LowContrast: [...low],
}})()`

// soundsRead waits until the browser has read the heads of all sounds, or cannot.
const soundsRead = `Promise.all([...document.querySelectorAll('audio')].map(a => a.readyState > 0 || a.error ? 0 : new Promise(r => { a.onloadedmetadata = a.onerror = r; setTimeout(r, 10000) }))).then(() => true)`

// TestInChromium renders pages in a real browser, light and dark, on a desk and on a phone.
func TestInChromium(t *testing.T) {
	b := openBrowser(t)
	pages := map[string]string{}
	write := func(name string, d *dossier.Dossier) {
		dir := t.TempDir()
		if _, err := d.Write(dir); err != nil {
			t.Fatal(err)
		}
		pages[name] = filepath.Join(dir, dossier.PageFile)
	}
	write("full", fullDossier(fullOptions, 60))
	write("empty", dossier.New("nothing", dossier.Options{}))
	passing := dossier.New("lenet5-int8 2.1", dossier.Options{})
	passing.Check(dossier.Check{Name: "replay", Sentence: "Expected the saved triggers to replay cleanly.", Verdict: dossier.Passed})
	write("passed", passing)
	write("kinds", kindsDossier())
	if *shoot != "" {
		path, err := filepath.Abs(*shoot)
		if err != nil {
			t.Fatal(err)
		}
		pages["given"] = path
	}
	want := map[string]struct {
		verdict string
		images  int
		sounds  int
		edits   int
		bars    int
	}{
		"full": {"Failed", 3 * 40, 0, 0, 0}, "empty": {"Undecided", 0, 0, 0, 0}, "passed": {"Passed", 0, 0, 0, 0},
		"kinds": {"Undecided", 24, 3, 8, 29},
	}
	for name, path := range pages {
		for _, scheme := range []string{"light", "dark"} {
			for _, width := range []int{1200, 390} {
				t.Run(fmt.Sprintf("%s, %s, %d wide", name, scheme, width), func(t *testing.T) {
					b.t = t
					b.open(path, width, scheme)
					b.evaluate(soundsRead, new(bool))
					var f pageFacts
					b.evaluate(inspectPage, &f)
					if *shots != "" {
						b.screenshot(filepath.Join(*shots, fmt.Sprintf("%s-%s-%d.png", name, scheme, width)))
					}
					if w, ok := want[name]; ok && (f.Verdict != w.verdict || f.Images != w.images || f.Sounds != w.sounds || f.Edits != w.edits || f.Bars != w.bars) {
						t.Errorf("verdict %q, %d images, %d sounds, %d edits, %d bars; expected %+v", f.Verdict, f.Images, f.Sounds, f.Edits, f.Bars, w)
					}
					if f.Played != f.Sounds || f.Marked != f.Edits || f.Drawn != f.Bars {
						t.Errorf("%d of %d sounds can be played, %d of %d edits are marked, %d of %d bars are seen", f.Played, f.Sounds, f.Marked, f.Edits, f.Drawn, f.Bars)
					}
					if f.Decoded != f.Images || f.WithoutAlt > 0 {
						t.Errorf("%d of %d images decoded, %d without a text", f.Decoded, f.Images, f.WithoutAlt)
					}
					if f.Scripts != 1 || f.Links > 0 {
						t.Errorf("%d scripts, %d elements that load something; expected the page's own script alone", f.Scripts, f.Links)
					}
					if f.NoHeader > 0 || f.SVGWithoutLabel > 0 {
						t.Errorf("%d of %d tables without headers, %d drawings without a text", f.NoHeader, f.Tables, f.SVGWithoutLabel)
					}
					if len(f.DeadLinks) > 0 {
						t.Errorf("links to nowhere: %q", f.DeadLinks)
					}
					if len(f.Wider) > 0 {
						t.Errorf("wider than the screen: %q", f.Wider)
					}
					if len(f.LowContrast) > 0 {
						t.Errorf("contrast below 4.5: %q", f.LowContrast)
					}
					checkEvents(t, b.events)
				})
			}
		}
	}
	b.t = t
}

// checkEvents finds requests other than for the page itself, and anything on the console.
func checkEvents(t *testing.T, events []event) {
	t.Helper()
	requests := 0
	for _, e := range events {
		switch e.Method {
		case "Network.requestWillBeSent":
			var p struct {
				Request struct {
					URL string `json:"url"`
				} `json:"request"`
			}
			if err := json.Unmarshal(e.Params, &p); err != nil {
				t.Fatal(err)
			}
			requests++
			if url := p.Request.URL; !strings.HasPrefix(url, "data:") && !(strings.HasPrefix(url, "file://") && strings.HasSuffix(url, ".html")) {
				t.Errorf("the page requests %s", url)
			}
		case "Log.entryAdded", "Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Page.javascriptDialogOpening":
			t.Errorf("%s: %s", e.Method, e.Params)
		}
	}
	if requests == 0 {
		t.Error("no request was seen, not even that for the page: nothing was checked")
	}
}
