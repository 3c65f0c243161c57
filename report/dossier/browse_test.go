package dossier_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/gate"
	"github.com/triggerfinder/triggerfinder/report/dossier"
)

var axe = flag.String("axe", "", "axe.min.js of npm's axe-core, to look for what keeps people from using the page")

// pageOf writes the page of a dossier, and returns its path.
func pageOf(t *testing.T, d *dossier.Dossier) string {
	t.Helper()
	dir := t.TempDir()
	if _, err := d.Write(dir); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, dossier.PageFile)
}

// browsable has triggers of several kinds and origins.
func browsable() *dossier.Dossier {
	d := dossier.New("lenet5-int8 2.1", dossier.Options{ClassNames: []string{"T-shirt/top", "Trouser", "Pullover of merino wool", "Dress"}})
	r := sampleReport(30)
	for i := range r.Seeds {
		if t := r.Seeds[i].Trigger; t != nil && i%4 == 0 {
			t.SeedLabel = t.CompressedLabel
		}
	}
	unchanged := sampleTrigger(100)
	unchanged.Input = unchanged.Seed
	unchanged.ID, unchanged.Distance, unchanged.Queries = unchanged.Seed.ID(), sampleTrigger(0).Distance, 0
	unchanged.Distance.L0 = 0
	d.Check(dossier.Check{
		Name: "no deviation found", Pair: "lenet5-int8", Sentence: "Expected none.", Verdict: dossier.Failed, Message: "Expected pair lenet5-int8\nnot to have a deviation.",
		Evidence: gate.CheckEvidence{Search: r, Triggers: []*engine.Trigger{unchanged}, Replays: map[string]string{
			sampleTrigger(0).ID: "TRIGGERFINDER_REPLAY=" + sampleTrigger(0).ID + " go test -run '^TestRelease$' ./models",
		}},
	})
	quiet := sampleReport(3)
	quiet.Pair = "lenet5-pruned"
	for i := range quiet.Seeds {
		quiet.Seeds[i].Trigger, quiet.Seeds[i].FirstHit = nil, nil
	}
	d.Check(dossier.Check{Name: "nothing severe", Pair: "lenet5-pruned", Sentence: "Expected nothing severe.", Verdict: dossier.Passed,
		Evidence: gate.CheckEvidence{Search: quiet, Canary: &sampleCanary}})
	d.Check(dossier.Check{Name: "rate below 2 %", Pair: "lenet5-int8", Sentence: "Expected a rate below 2 %.", Verdict: dossier.Passed, Evidence: gate.CheckEvidence{Rate: &sampleRate}})
	return d
}

// choose sets a select of the page, and tells how many items are left.
func (b *browser) choose(t *testing.T, items, key, value string) (left int) {
	t.Helper()
	b.evaluate(fmt.Sprintf(`(() => {
		const bar = [...document.querySelectorAll('.filters')].find(f => f.dataset.items === %q);
		const choice = bar.querySelector('select[data-key=%s]');
		if (![...choice.options].some(o => o.value === %q)) return -1;
		choice.value = %q;
		choice.dispatchEvent(new Event('change'));
		return [...document.querySelectorAll(%q)].filter(e => e.getClientRects().length).length;
	})()`, items, key, value, value, items), &left)
	return left
}

// TestFindingOnesWayInChromium filters, sorts, zooms and copies as a reader does.
func TestFindingOnesWayInChromium(t *testing.T) {
	b := openBrowser(t)
	b.open(pageOf(t, browsable()), 1200, "light")
	var all int
	b.evaluate(`document.querySelectorAll('.cards .card').length`, &all)
	if all != 21 {
		t.Fatalf("%d triggers, expected all 20 of the search and one of the replay", all)
	}
	for _, c := range []struct {
		key, value string
		left       int
	}{
		{"kind", "not finite", 1}, {"kind", "", 21}, {"kind", "the seed itself", 1}, {"kind", "", 21},
		{"right", "the compressed model", 5}, {"right", "", 21}, {"origin", "saved triggers", 1}, {"origin", "search", 20}, {"origin", "", 21},
	} {
		if left := b.choose(t, ".cards .card", c.key, c.value); left != c.left {
			t.Errorf("%s %q leaves %d, expected %d", c.key, c.value, left, c.left)
		}
	}
	if left := b.choose(t, ".check", "verdict", "Passed"); left != 2 {
		t.Errorf("%d checks passed, expected 2", left)
	}
	var empty bool
	if b.evaluate(`document.getElementById('problems').hidden`, &empty); !empty {
		t.Error("the section of what failed stays, though it has nothing")
	}
	var first []string
	b.evaluate(`(() => {
		const order = document.querySelector('select[data-order]');
		order.value = 'queries'; order.dispatchEvent(new Event('change'));
		return [...document.querySelectorAll('.cards .card')].slice(0, 3).map(c => c.dataset.queries);
	})()`, &first)
	if diff := cmp.Diff([]string{"0", "0", "3"}, first); diff != "" {
		t.Errorf("queries of the first:\n%s", diff)
	}
	var said string
	b.evaluate(`(() => {
		const text = document.querySelector('.filters[data-noun=trigger] input');
		text.value = 'merino seed-1.png'; text.dispatchEvent(new Event('input'));
		return document.querySelector('.filters[data-noun=trigger] output').textContent;
	})()`, &said)
	if said != "1 of 21 triggers" {
		t.Errorf("searching says %q", said)
	}
	b.evaluate(`(() => { document.querySelector('.filters[data-noun=trigger] button').click(); return document.querySelector('.filters[data-noun=trigger] output').textContent })()`, &said)
	if said != "all 21 triggers" {
		t.Errorf("showing all says %q", said)
	}

	// By keyboard: Enter on the button, arrows, Escape.
	var z struct {
		Open          bool
		Title, Where  string
		Pictures, IDs int
		Legend        bool
		Focus         string
	}
	const look = `({ Open: zoom.open, Title: zoom.querySelector('h2').textContent.replace(/\s+/g, ' ').trim(), Where: zoom.querySelector('.where').textContent,
		Pictures: zoom.querySelectorAll('img').length, IDs: zoom.querySelectorAll('.zoomed [id]').length, Legend: !!zoom.querySelector('.legend'),
		Focus: document.activeElement.getAttribute('aria-label') || document.activeElement.textContent })`
	key := func(name string, code int) {
		for _, kind := range []string{"keyDown", "keyUp"} {
			text := ""
			if name == "Enter" && kind == "keyDown" {
				text = "\r"
			}
			b.call("Input.dispatchKeyEvent", map[string]any{"type": kind, "key": name, "code": name, "windowsVirtualKeyCode": code, "text": text}, nil)
		}
	}
	b.evaluate(`(() => { document.querySelector('.card .open').focus(); return true })()`, new(bool))
	key("Enter", 13)
	b.evaluate(look, &z)
	if !z.Open || z.Pictures != 3 || z.IDs != 0 || !z.Legend || z.Where != "1 of 21" || !strings.Contains(z.Title, "original") || !strings.Contains(z.Title, "→ compressed") {
		t.Errorf("zoomed view: %+v", z)
	}
	if *shots != "" {
		b.screenshot(filepath.Join(*shots, "zoom-light-1200.png"))
	}
	before := z.Title
	key("ArrowRight", 39)
	if b.evaluate(look, &z); z.Where != "2 of 21" || z.Title == before {
		t.Errorf("after the arrow: %+v", z)
	}
	key("Escape", 27)
	if b.evaluate(look, &z); z.Open || z.Focus != "Zoom in on trigger 2" {
		t.Errorf("after Escape: %+v; expected the focus on the button of the trigger that was shown", z)
	}
	var copied string
	b.evaluate(`(async () => {
		document.querySelector('.replay .copy').click();
		for (let i = 0; i < 50 && document.querySelector('.replay .copy').textContent === 'Copy'; i++) await new Promise(r => setTimeout(r, 20));
		return document.querySelector('.replay code').textContent + ' / ' + document.querySelector('.replay .copy').textContent;
	})()`, &copied)
	if want := "TRIGGERFINDER_REPLAY=" + sampleTrigger(0).ID + " go test -run '^TestRelease$' ./models / Copied"; copied != want {
		t.Errorf("copying says %q, expected %q", copied, want)
	}
	checkEvents(t, b.events)
}

// No name of a class is cut, and which model says what stands in the title.
func TestTitlesAndNames(t *testing.T) {
	page := string(readPage(t, pageOf(t, browsable())))
	for _, want := range []string{
		`<span class="role">original</span> Pullover of merino wool <span aria-hidden="true">→</span> <span class="role">compressed</span>`,
		"The original is right: the seed is Pullover of merino wool.", "The compressed model is right: the seed is ",
		`<span class="power low">low power 22` + "\u00a0" + `%: found 11 of 50 planted changes</span>`,
		"1 check was passed by a search that misses more than half of the changes planted for it: nothing severe.",
		"0.80" + "\u00a0" + "%</p><p class=\"name\">of inputs deviate; at most 1.3" + "\u00a0" + "%, with confidence 95" + "\u00a0" + "%",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if strings.Contains(page, "text-overflow:ellipsis;width") {
		t.Error("names in answers are cut")
	}
}

func readPage(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// thousand is a dossier that shows 1,000 triggers.
func thousand() *dossier.Dossier {
	d := dossier.New("lenet5-int8 2.1", dossier.Options{ClassNames: []string{"T-shirt/top", "Trouser", "Pullover", "Dress"}, Triggers: 1000})
	replays := map[string]string{}
	r := sampleReport(1499)
	for _, t := range r.Triggers() {
		t.Original, t.Compressed = answer.Of(append(t.Original.Scores, 0.01, 0.02, 0.03, 0.04, 0.05, 0.06)...), answer.Of(append(t.Compressed.Scores, 0.01, 0.02, 0.03, 0.04, 0.05, 0.06)...)
		replays[t.ID] = "TRIGGERFINDER_REPLAY=" + t.ID + " go test -run '^TestCompressedModelAgrees$' example.com/models"
	}
	d.Check(dossier.Check{Name: "no deviation found", Pair: "lenet5-int8", Sentence: "Expected none.", Verdict: dossier.Failed, Evidence: gate.CheckEvidence{Search: r, Replays: replays}})
	return d
}

// 1,000 triggers are a page that can be sent by mail, and nearly all of them have their pictures.
func TestAThousandTriggersAreASmallPage(t *testing.T) {
	path := pageOf(t, thousand())
	page := string(readPage(t, path))
	cards, pictures := strings.Count(page, `<article class="card"`), strings.Count(page, "<img ")
	t.Logf("%d triggers, %d pictures: %.2f MB", cards, pictures, float64(len(page))/1e6)
	if cards != 1000 || len(page) >= 5_000_000 || pictures < 3*800 {
		t.Errorf("%d triggers, %d pictures, %d bytes; expected 1000, those of 800 and less than 5 MB", cards, pictures, len(page))
	}
}

// TestAThousandTriggersInChromium logs how long the browser takes until the page can be used.
func TestAThousandTriggersInChromium(t *testing.T) {
	path := pageOf(t, thousand())
	b := openBrowser(t)
	b.open(path, 1200, "light")
	var ms struct{ Interactive, Loaded, Filter float64 }
	b.evaluate(`(() => {
		const t = performance.getEntriesByType('navigation')[0];
		const from = performance.now(), choice = document.querySelector('.filters[data-noun=trigger] select');
		choice.selectedIndex = 1; choice.dispatchEvent(new Event('change')); document.body.getBoundingClientRect();
		return { Interactive: t.domInteractive, Loaded: t.loadEventEnd, Filter: performance.now() - from };
	})()`, &ms)
	t.Logf("can be read after %.0f ms, loaded after %.0f ms, filtered in %.0f ms", ms.Interactive, ms.Loaded, ms.Filter)
	if ms.Loaded == 0 {
		t.Error("the page was not loaded")
	}
	checkEvents(t, b.events)
}

// TestAxeInChromium runs axe, which finds what keeps people who see little or nothing, or use no mouse, from using a page.
func TestAxeInChromium(t *testing.T) {
	if *axe == "" {
		t.Skip("no -axe: npm install axe-core, then -axe node_modules/axe-core/axe.min.js")
	}
	script := string(readPage(t, *axe))
	b := openBrowser(t)
	for name, d := range map[string]*dossier.Dossier{"full": fullDossier(fullOptions, 60), "browsable": browsable(), "kinds": kindsDossier(), "empty": dossier.New("nothing", dossier.Options{})} {
		path := pageOf(t, d)
		for _, scheme := range []string{"light", "dark"} {
			for _, state := range []string{"", "document.querySelector('.card .open').click()"} {
				if state != "" && name == "empty" {
					continue
				}
				b.open(path, 1200, scheme)
				// As a reader sees them who has scrolled to the end.
				b.evaluate("(() => { document.head.append(Object.assign(document.createElement('style'), {textContent: '.cards .card{content-visibility:visible!important}'}));"+state+"; return true })()", new(bool))
				b.evaluate("(() => {"+script+"; return true })()", new(bool))
				var found struct {
					Checked    int
					Violations []struct{ ID, Impact, Help, Where string }
				}
				b.evaluate(`axe.run(document, {resultTypes: ['violations']}).then(r => ({ Checked: r.passes.length,
					Violations: r.violations.map(v => ({ ID: v.id, Impact: v.impact, Help: v.help, Where: v.nodes.slice(0, 3).map(n => n.html.slice(0, 160)).join(' || ') })) }))`, &found)
				t.Logf("%s, %s%s: %d rules hold", name, scheme, map[bool]string{true: ", zoomed"}[state != ""], found.Checked)
				if found.Checked == 0 {
					t.Error("axe checked nothing")
				}
				for _, v := range found.Violations {
					t.Errorf("%s, %s, zoomed %t: %s (%s): %s: %s", name, scheme, state != "", v.ID, v.Impact, v.Help, v.Where)
				}
			}
		}
	}
}

// TestPicturesOfAPageInChromium keeps what the docs show of the page that -page names, in the folder that -shots names.
func TestPicturesOfAPageInChromium(t *testing.T) {
	if *shots == "" || *shoot == "" {
		t.Skip("no -page, or no -shots")
	}
	path, err := filepath.Abs(*shoot)
	if err != nil {
		t.Fatal(err)
	}
	b := openBrowser(t)
	for _, shot := range []struct {
		name, scheme string
		width        int
		first        string
	}{
		{"page-desktop", "light", 1100, ""},
		{"page-triggers", "light", 1100, `document.getElementById('triggers').scrollIntoView()`},
		{"page-zoom", "light", 1100, `document.querySelector('.card .open').click()`},
		{"page-dark", "dark", 1100, `document.getElementById('triggers').scrollIntoView()`},
		{"page-phone", "light", 390, `document.getElementById('triggers').scrollIntoView()`},
		{"page-phone-zoom", "dark", 390, `document.querySelector('.card .open').click()`},
	} {
		b.open(path, shot.width, shot.scheme)
		b.evaluate(`(async () => { `+shot.first+`; await new Promise(r => setTimeout(r, 300)); return true })()`, new(bool))
		var picture struct {
			Data []byte `json:"data"` // base64
		}
		b.call("Page.captureScreenshot", nil, &picture)
		if err := os.WriteFile(filepath.Join(*shots, shot.name+".png"), picture.Data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
}
