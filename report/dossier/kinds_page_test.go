package dossier_test

import (
	"encoding/json"
	"fmt"
	"html"
	"regexp"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/report/dossier"
)

// cardsOf are the triggers' parts of a page, by their pair.
func cardsOf(t *testing.T, page string) map[string]string {
	t.Helper()
	cards := map[string]string{}
	for _, card := range regexp.MustCompile(`(?s)<article class="card".*?</article>`).FindAllString(page, -1) {
		pair := regexp.MustCompile(`<p class="seed">[^<]*· ([^<·]*)</p>`).FindStringSubmatch(card)
		if pair == nil {
			t.Fatalf("no pair in %s", card)
		}
		cards[pair[1]] = card
	}
	return cards
}

// A reader finds of every kind what was changed, and what both models say of it.
func TestThePageShowsEveryKind(t *testing.T) {
	files := write(t, kindsDossier())
	cards := cardsOf(t, files[dossier.PageFile])
	for pair, wants := range map[string][]string{
		"table": {"benign → malignant", "2 of 3 columns changed", ">female</td><td>male</td><td>another category</td>", "<td>40</td><td>47</td><td>+7</td><td>+8.5 %</td>", `<th scope="col">of range</th>`,
			`<rect x="50" `, "scaled L1", "Original says <strong>benign</strong>"},
		"price": {"400 → 337", "<td>400</td><td>337</td><td>-63, -16 %</td>", "judged by tolerance relative 0.01", `<strong class="compressed">337</strong>`},
		"language": {"Deutsch → English", `heut<del><span class="unseen">[-</span>e<span class="unseen">-]</span></del><ins><span class="unseen">{+</span>o<span class="unseen">+}</span></ins> nach &lt;b&gt;K<del><span class="unseen">[-</span>ö`,
			"2 edits of 32 tokens"},
		"tokens":  {"tokens (numbers)", `101 <del><span class="unseen">[-</span>7 2023<span class="unseen">-]</span></del><ins><span class="unseen">{+</span>2024<span`, " 102</p>"},
		"program": {"bytes (hexadecimal)", "7f 00 01 <del>", ">02<", ">03<", " 90 ff</p>"},
		"voice": {"yes → no", `alt="the wave of the seed, and its spectrogram below"`, `alt="the wave of the trigger, and its spectrogram below"`, "the ratio of signal to noise is", `<audio controls preload="metadata" src="data:audio/wav;base64,UklGR`,
			`aria-label="sound of the trigger, `, "changed from 0.5", "S/N ", " dB"},
		"features":       {`alt="features of the trigger over time"`, "changed at moment 20, feature 20: "},
		"embedding":      {"a vector of 64 numbers → one at cosine distance 0.0", "cosine distance 0.0", "norms 5.6", ">number ", `<svg class="both"`, "judged by tolerance cosine 0.01"},
		"labels":         {"<th scope=\"row\">dog</th><td>0.2</td><td>0.7</td><td>+0.5, +250 %</td>", "<th scope=\"row\">cat</th><td>0.9</td><td>0.9</td><td>none</td>", `<th scope="col">label</th>`},
		"several inputs": {"facts: 1 of 3 columns changed", "<td>40</td><td>52</td>", `alt="photo: the seed"`, "<figcaption>photo: trigger</figcaption>", "facts: scaled L1", "; photo: SSIM"},
		"boxes":          {"square (0.70)", "<figcaption>boxes, trigger</figcaption>", "1 box of the compressed model, dashed and orange", `<th scope="row">`},
		"masks":          {"leaf", "<figcaption>", "judged by segmentation"},
		"anything":       {"The input is input [3], 0..9.", "neither an image of 1 or 3 channels nor of a kind with a viewer"},
	} {
		card := cards[pair]
		for _, want := range wants {
			if !strings.Contains(card, want) && !strings.Contains(html.UnescapeString(card), want) {
				t.Errorf("%s: the page lacks %q:\n%s", pair, want, withoutData(card))
			}
		}
		if classes := strings.Contains(card, "true class"); classes == (pair == "price" || pair == "embedding" || pair == "labels" || pair == "boxes" || pair == "masks") {
			t.Errorf("%s: a true class is told: %t", pair, classes)
		}
		if pair != "anything" && strings.Contains(card, "No picture") {
			t.Errorf("%s: nothing is shown", pair)
		}
		if names := regexp.MustCompile(`class [01]\b`).FindString(card); names != "" && (pair == "table" || pair == "voice" || pair == "language" || pair == "price" || pair == "embedding" || pair == "labels") {
			t.Errorf("%s: %q, though names are known or there are no classes", pair, names)
		}
	}
	var doc dossier.Document
	if err := json.Unmarshal([]byte(files[dossier.DocumentFile]), &doc); err != nil {
		t.Fatal(err)
	}
	for _, trigger := range doc.Triggers {
		switch trigger.Pair {
		case "table":
			if trigger.Far == "" || len(trigger.Changes) != 1 || !strings.Contains(trigger.Changes[0], "sex female → male") || trigger.Oracle != "top-1" {
				t.Errorf("table: %+v", trigger)
			}
		case "embedding":
			if trigger.Oracle != "tolerance cosine 0.01" || trigger.Deviation.Unit != "cosine distance" || trigger.Original.Label != -1 {
				t.Errorf("embedding: %+v", trigger)
			}
		}
	}
	for _, pair := range doc.Pairs {
		if pair.Name == "voice" && (len(pair.ClassNames) != 2 || pair.ClassNames[1] != "no") {
			t.Errorf("voice: names %q", pair.ClassNames)
		}
	}
}

func withoutData(page string) string {
	return regexp.MustCompile(`;base64,[^"]*`).ReplaceAllString(page, ";base64,…")
}

// Names survive being handed over by other processes.
func TestClassNamesAreHandedOver(t *testing.T) {
	dir := t.TempDir()
	other := dossier.New("r", dossier.Options{})
	other.Search(kindsReport("voice", "top-1", []string{"yes", "no"}, toneOf(1, 2000)))
	other.Search(kindsReport("table", "top-1", []string{"benign", "malignant"}, ofKind(0, rowOf(40, 0, 22.5), rowOf(47, 1, 22.5))))
	if err := other.HandOver(dir, 2); err != nil {
		t.Fatal(err)
	}
	first := dossier.New("r", dossier.Options{})
	if err := first.TakeOver(dir); err != nil {
		t.Fatal(err)
	}
	if page := write(t, first)[dossier.PageFile]; !strings.Contains(page, "yes → no") || !strings.Contains(page, "benign → malignant") || !strings.Contains(page, "judged") && strings.Contains(page, "class 1") {
		t.Error("the names are lost")
	}
}

// However many triggers there are, and however large, the page stays small, and says what it leaves out.
func TestThePageStaysSmall(t *testing.T) {
	const many = 1000
	for name, trigger := range map[string]func(int) *engine.Trigger{
		"sounds": func(n int) *engine.Trigger { return toneOf(n, 8000) },
		"images": func(n int) *engine.Trigger {
			seed := picture(n)
			in := seed.Clone()
			in.Data[n%len(in.Data)] = in.Domain.Snap(in.Data[n%len(in.Data)] + 77)
			return ofKind(n, seed, in)
		},
		"rows": func(n int) *engine.Trigger {
			return ofKind(n, rowOf(20, 0, 20), rowOf(20+float32(n%70), 1, 15+float32(n)/50))
		},
		"texts": func(n int) *engine.Trigger {
			return ofKind(n, textOf("the quick brown fox jumps over it", bytesFrom3), textOf(fmt.Sprintf("thX quick br%dn fox jumps oveX", n), bytesFrom3))
		},
		"vectors": func(n int) *engine.Trigger {
			return answered(ofKind(n, rowOf(20, 0, 20), rowOf(20+float32(n%70), 1, 15+float32(n)/50)), nil, kindsVector(n), kindsVector(n+1))
		},
	} {
		if testing.Short() && name == "sounds" {
			continue
		}
		d := dossier.New("many", dossier.Options{Triggers: many})
		var triggers []*engine.Trigger
		for n := range many {
			triggers = append(triggers, trigger(n))
		}
		d.Search(kindsReport("pair", "top-1", []string{"a class", "another class"}, triggers...))
		page := write(t, d)[dossier.PageFile]
		shown := strings.Count(page, `<article class="card"`)
		t.Logf("%s: %d triggers in %.2f MB", name, shown, float64(len(page))/1e6)
		if len(page) > 5_000_000 || shown < 900 {
			t.Errorf("%s: a page of %d bytes with %d triggers", name, len(page), shown)
		}
		if name == "sounds" && (strings.Count(page, "<audio") < 3 || !strings.Contains(page, "this is left to its folder: pictures")) {
			t.Errorf("%s: %d are played, and it is not said what is left out", name, strings.Count(page, "<audio"))
		}
	}
}
