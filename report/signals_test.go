package report_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/input/wav"
	"github.com/triggerfinder/triggerfinder/report"
)

// sound is a trigger of a rising tone in the first half of its time, with a click in the second; more channels are quieter.
func sound(domain input.Domain, shape ...int) *engine.Trigger {
	seed := input.Input{Shape: shape, Domain: domain, Kind: input.Signal}
	channels := 1
	if len(shape) > 1 {
		channels = shape[1]
	}
	low, most := float64(domain.Min), float64(domain.Range())/2
	if low == -1 || low == -32768 {
		most = -low
	}
	for i := range shape[0] * channels {
		t, v := float64(i/channels), 0.0
		if i/channels < shape[0]/2 {
			v = 0.5 * math.Sin(t*t*math.Pi/float64(shape[0])) / float64(1+i%channels)
		}
		seed.Data = append(seed.Data, domain.Snap(float32(low+most*(1+v))))
	}
	trigger := seed.Clone()
	at := shape[0] * 3 / 4 * channels
	trigger.Data[at] = domain.Snap(trigger.Data[at] + float32(most/4))
	t := triggerFrom(gradient(3, 3, 1, 0), 0)
	t.Seed, t.Input, t.SeedID, t.ID, t.Distance = seed, trigger, seed.ID(), trigger.ID(), distance.DistanceBetween(seed, trigger)
	return t
}

var (
	pcm16   = input.Domain{Min: -1, Max: 32767. / 32768, Step: 1. / 32768}
	reals   = input.Domain{Min: -1, Max: 1}
	decibel = input.Domain{Min: -80, Max: 0}
)

func TestSoundsBesideTriggers(t *testing.T) {
	pictures := []string{"diff.png", "seed.npy", "seed.png", "trigger.json", "trigger.npy", "trigger.png"}
	all := []string{"diff.png", "diff.wav", "seed.npy", "seed.png", "seed.wav", "trigger.json", "trigger.npy", "trigger.png", "trigger.wav"}
	for _, test := range []struct {
		name    string
		trigger *engine.Trigger
		files   []string
		header  wav.Header // with sounds
	}{
		{"16 bits", sound(pcm16, 4000), all, wav.Header{Channels: 1, Bits: 16}},
		{"8 bits", sound(input.Domain{Min: -1, Max: 127. / 128, Step: 1. / 128}, 4000), all, wav.Header{Channels: 1, Bits: 8}},
		{"24 bits", sound(input.Domain{Min: -1, Max: 1 - 1./(1<<23), Step: 1. / (1 << 23)}, 4000), all, wav.Header{Channels: 1, Bits: 24}},
		{"whole numbers", sound(input.Domain{Min: -32768, Max: 32767, Step: 1}, 4000), all, wav.Header{Channels: 1, Bits: 16}},
		{"reals", sound(reals, 4000), all, wav.Header{Channels: 1, Bits: 32, Float: true}},
		{"two channels", sound(pcm16, 4000, 2), all, wav.Header{Channels: 2, Bits: 16}},
		{"short", sound(pcm16, 200), pictures, wav.Header{}},
		{"one sample", sound(pcm16, 1), pictures, wav.Header{}},
		{"other values", sound(input.Domain{Min: 0, Max: 1}, 4000), pictures, wav.Header{}},
		{"volts", sound(input.Domain{Min: -5, Max: 5}, 4000), pictures, wav.Header{}},
		{"spectrogram", sound(decibel, 98, 40), pictures, wav.Header{}},
		{"many features", sound(reals, 500, 40), pictures, wav.Header{}},
		{"huge numbers", sound(input.Domain{Min: -1.5e38, Max: 1.5e38}, 400), pictures, wav.Header{}},
	} {
		dir := save(t, openStore(t), test.trigger)
		if diff := cmp.Diff(test.files, names(t, dir)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
			continue
		}
		if _, err := report.LoadTrigger(dir); err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
		if test.header.Channels == 0 {
			continue
		}
		for name, in := range map[string]input.Input{"seed.wav": test.trigger.Seed, "trigger.wav": test.trigger.Input} {
			content, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			h, err := wav.ReadHeader(bytes.NewReader(content), int64(len(content)))
			if err != nil {
				t.Fatal(err)
			}
			want := test.header
			want.Rate, want.Frames, want.Offset = 16000, 4000, h.Offset
			samples, err := h.Read(bytes.NewReader(content), 0, h.Frames)
			if h != want || err != nil {
				t.Errorf("%s: %s is %s (%v), expected %s", test.name, name, h, err, want)
			}
			scaled := slices.Clone(in.Data)
			for i := range scaled {
				if test.name == "whole numbers" {
					scaled[i] /= 32768
				}
			}
			if !slices.Equal(scaled, samples) {
				t.Errorf("%s: %s has other samples than the input", test.name, name)
			}
		}
	}
}

func panels(t *testing.T, trigger *engine.Trigger) []report.Panel {
	t.Helper()
	v, err := report.ViewOf(trigger)
	if err != nil || len(v.Panels) != 3 {
		t.Fatalf("%d panels: %v", len(v.Panels), err)
	}
	return v.Panels
}

// darkest is the sum of a column's ink, or of its light.
func light(img image.Image, x, from, to int) (sum int) {
	for y := from; y < to; y++ {
		sum += int(color.GrayModel.Convert(img.At(x, y)).(color.Gray).Y)
	}
	return sum
}

// Waves and spectrograms show where the sound is and where it changed.
func TestPicturesOfWaves(t *testing.T) {
	p := panels(t, sound(pcm16, 4000))
	seed, trigger, diff := p[0].Image, p[1].Image, p[2].Image
	if size := seed.Bounds().Size(); size != image.Pt(320, 260) {
		t.Fatalf("a picture of %v", size)
	}
	const loud, silent, click = 80, 300, 240
	if light(seed, loud, 0, 96) >= light(seed, silent, 0, 96) {
		t.Error("the wave is no darker where it is loud")
	}
	if light(seed, loud, 100, 260) <= light(seed, silent, 100, 260) {
		t.Error("the spectrogram is no lighter where the sound is loud")
	}
	if low, high := light(seed, 30, 220, 260), light(seed, 150, 220, 260); low <= high { // the tone rises
		t.Errorf("low frequencies are as light at the end of the tone (%d) as at its beginning (%d)", high, low)
	}
	for name, img := range map[string]image.Image{"trigger": trigger, "difference": diff} {
		if light(img, click, 0, 96) >= light(img, silent, 0, 96) || light(img, click, 100, 260) <= light(img, silent, 100, 260) {
			t.Errorf("the click is not seen in the %s", name)
		}
	}
	if light(diff, loud, 0, 96) <= light(seed, loud, 0, 96) || light(diff, loud, 100, 260) >= light(seed, loud, 100, 260) {
		t.Error("the difference has what did not change")
	}
	if !strings.HasPrefix(p[2].Name, "difference ×") || !strings.Contains(p[2].Alt, "the ratio of signal to noise is 3") {
		t.Errorf("the difference is called %q, %q", p[2].Name, p[2].Alt)
	}
	if p[0].Alt != "the wave of the seed, and its spectrogram below" {
		t.Errorf("the seed's picture is %q", p[0].Alt)
	}
}

func TestPicturesOfFeatures(t *testing.T) {
	trigger := sound(decibel, 100, 40)
	trigger.Input = trigger.Seed.Clone()
	trigger.Input.Data[75*40] += 20 // the first feature, which is at the bottom
	p := panels(t, trigger)
	at := func(x, y int) color.Color { return color.GrayModel.Convert(p[2].Image.At(x, y)) }
	grey := color.Gray{Y: 128}
	if size := p[2].Image.Bounds().Size(); size != image.Pt(320, 160) {
		t.Fatalf("a picture of %v", size)
	}
	if at(10, 10) != grey || at(241, 10) != grey || at(241, 159).(color.Gray).Y <= 200 || at(235, 159) != grey || at(241, 155) != grey {
		t.Errorf("the difference is %v, %v, %v", at(10, 10), at(241, 10), at(241, 159))
	}
	if p[1].Alt != "features of the trigger over time" {
		t.Errorf("the trigger's picture is %q", p[1].Alt)
	}
	same := sound(decibel, 100, 40)
	same.Input = same.Seed
	if p := panels(t, same); p[2].Name != "no difference" {
		t.Errorf("equal signals: %q", p[2].Name)
	}
}

// Signals of every size and domain are drawn, also silent ones, and those with domains of their own.
func TestEverySignalIsShown(t *testing.T) {
	mixed := sound(decibel, 50, 3)
	layout := &input.Layout{Domains: make([]input.Domain, 150)}
	for i := range layout.Domains {
		layout.Domains[i] = []input.Domain{decibel, {Min: -80, Max: 100}, {Min: -1000, Max: 0}}[i%3]
	}
	mixed.Seed.Layout, mixed.Input.Layout = layout, layout
	silent := sound(pcm16, 500)
	clear(silent.Seed.Data)
	clear(silent.Input.Data)
	triggers := []*engine.Trigger{mixed, silent}
	for _, n := range []int{1, 2, 7, 319, 321, 70000} {
		triggers = append(triggers, sound(reals, n), sound(pcm16, n, 2))
	}
	triggers = append(triggers, sound(decibel, 1, 9), sound(decibel, 3, 20000))
	for _, trigger := range triggers {
		for _, p := range panels(t, trigger) {
			if err := png.Encode(new(bytes.Buffer), p.Image); err != nil {
				t.Errorf("%s: %v", trigger.Input, err)
			}
		}
	}
}

func TestRateOfSounds(t *testing.T) {
	for _, wrong := range []int{0, -1, math.MaxInt32 + 1} {
		if err := report.SoundsAt(wrong); err == nil || !strings.Contains(err.Error(), "expected 1 to 2147483647 Hz") {
			t.Errorf("%d Hz: %v", wrong, err)
		}
	}
	if err := report.SoundsAt(8000); err != nil {
		t.Fatal(err)
	}
	defer report.ForgetSoundsAt()
	v, err := report.ViewOf(sound(pcm16, 4000))
	if err != nil || len(v.Sounds) != 3 {
		t.Fatalf("%d sounds: %v", len(v.Sounds), err)
	}
	if h, err := wav.ReadHeader(bytes.NewReader(v.Sounds[2].WAV), int64(len(v.Sounds[2].WAV))); err != nil || h.Rate != 8000 || v.Sounds[2].File != "diff.wav" || v.Sounds[2].At < 2900 || v.Sounds[2].At > 3100 {
		t.Errorf("%s: %s, around %d, %v", v.Sounds[2].File, h, v.Sounds[2].At, err)
	}
}

// Where a sound says its rate, that is taken, whatever the program says; where nobody says one, places are not told in seconds.
func TestASoundSaysItsOwnRate(t *testing.T) {
	trigger := sound(pcm16, 4000)
	if got := report.ChangesInWords(trigger); len(got) != 1 || !strings.Contains(got[0], "at moment ") {
		t.Errorf("expected places without seconds, found %q", got)
	}
	for _, in := range []*input.Input{&trigger.Seed, &trigger.Input} {
		in.Layout = &input.Layout{Rate: 2000}
	}
	if got := report.ChangesInWords(trigger); len(got) != 1 || !strings.Contains(got[0], "changed at 1.") || !strings.Contains(got[0], " s:") {
		t.Errorf("expected seconds at 2000 Hz, found %q", got)
	}
	v, err := report.ViewOf(trigger)
	if err != nil || len(v.Sounds) != 3 {
		t.Fatalf("%d sounds: %v", len(v.Sounds), err)
	}
	if h, err := wav.ReadHeader(bytes.NewReader(v.Sounds[0].WAV), int64(len(v.Sounds[0].WAV))); err != nil || h.Rate != 2000 {
		t.Errorf("expected a WAV file of 2000 Hz, found %s, %v", h, err)
	}
}

func ExampleSoundsAt() {
	if err := report.SoundsAt(16000); err != nil {
		fmt.Println(err)
		return
	}
	v, err := report.ViewOf(sound(pcm16, 4000))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, panel := range v.Panels {
		fmt.Println(panel.File+":", panel.Alt)
	}
	for _, s := range v.Sounds {
		fmt.Println(s.File+":", s.Name)
	}
	// Output:
	// seed.png: the wave of the seed, and its spectrogram below
	// trigger.png: the wave of the trigger, and its spectrogram below
	// diff.png: what changed from seed to trigger, amplified 4 times; the ratio of signal to noise is 36.0 dB, by segments 32.2 dB
	// seed.wav: seed
	// trigger.wav: trigger
	// diff.wav: difference ×4
}
