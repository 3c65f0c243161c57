package report

import (
	"cmp"
	"fmt"
	"image"
	"image/color"
	"math"
	"slices"
	"sync/atomic"

	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/input/wav"
	"github.com/triggerfinder/triggerfinder/internal/fft"
)

// The layout of a picture of a signal.
const (
	signalWidth  = 320
	waveHeight   = 96
	signalGap    = 4
	soundsHeight = 160 // of a spectrogram
	waveChannels = 8   // features that a signal has at most that is drawn as a wave
	fewestSounds = 256 // samples that a sound has at least
)

// soundRate is the sampling rate of sounds that do not say their own, in Hz; 0 where nobody said it.
var soundRate atomic.Int64

// usualRate is that of WAV files of which nothing is known.
const usualRate = 16000

// rateOf is the sampling rate of a signal, in Hz; 0 where it is not known.
func rateOf(in input.Input, d drawn) int {
	if _, sound := fullScale(in.Domain); sound && d.times >= fewestSounds {
		return cmp.Or(in.Rate(), int(soundRate.Load()))
	}
	return in.Rate()
}

// SoundsAt says at which sampling rate, in Hz, signals were recorded that do not say it themselves (see [input.Layout]), as those of arrays: WAV
// files beside triggers are played at it, and places in them are told in seconds. Call it at the start of a program, in an init function
// or in TestMain. Without it these WAV files are played at 16000 Hz.
func SoundsAt(hertz int) error {
	if hertz < 1 || hertz > math.MaxInt32 {
		return fmt.Errorf("report: SoundsAt(%d): expected 1 to %d Hz", hertz, math.MaxInt32)
	}
	soundRate.Store(int64(hertz))
	return nil
}

// signalViewer shows signals: as waves with their spectrograms, or where they have many features, as spectrograms of these. Sounds are
// written as WAV files too.
type signalViewer struct{}

var (
	_ Teller   = signalViewer{}
	_ measurer = signalViewer{}
)

// View implements [Viewer].
func (signalViewer) View(seed, trigger input.Input) (View, error) {
	before, ok := drawable(seed)
	if !ok {
		return View{}, nil
	}
	after, _ := drawable(trigger)
	changed := before
	changed.values = slices.Clone(after.values)
	for i, v := range before.values {
		changed.values[i] -= v
	}
	factor := changed.amplification()
	name, alt := "difference", "what changed from seed to trigger"
	if factor > 1 {
		name, alt = fmt.Sprintf("difference ×%d", factor), fmt.Sprintf("%s, amplified %d times", alt, factor)
	}
	if dB, ok := distance.SNR(seed, trigger); ok && !math.IsInf(dB, 0) {
		segments, _ := distance.SegmentalSNR(seed, trigger)
		alt += fmt.Sprintf("; the ratio of signal to noise is %.1f dB, by segments %.1f dB", dB, segments)
	}
	if slices.Equal(seed.Data, trigger.Data) {
		name = "no difference"
	}
	draw, what := picturesOfFeatures, "features of the %s over time"
	if before.features <= waveChannels {
		draw, what = picturesOfWaves, "the wave of the %s, and its spectrogram below"
	}
	pictures := draw(before, after, changed, factor)
	v := View{Amplification: factor, Panels: []Panel{
		{Name: "seed", Alt: fmt.Sprintf(what, "seed"), File: seedPictureFile, Image: pictures[0]},
		{Name: "trigger", Alt: fmt.Sprintf(what, "trigger"), File: triggerPictureFile, Image: pictures[1]},
		{Name: name, Alt: alt, File: differenceFile, Image: pictures[2]},
	}}
	var err error
	v.Sounds, err = sounds(seed, before, after, changed, factor)
	return v, err
}

// far implements measurer.
func (signalViewer) far(seed, trigger input.Input) string {
	changed := 0
	for i, v := range trigger.Data {
		if v != seed.Data[i] {
			changed++
		}
	}
	words := fmt.Sprintf("%d of %s changed", changed, Plural(len(seed.Data), "value"))
	if dB, ok := distance.SNR(seed, trigger); ok && !math.IsInf(dB, 0) {
		ratio := fmt.Sprintf("S/N %.1f dB", dB)
		if segments, ok := distance.SegmentalSNR(seed, trigger); ok && !math.IsInf(segments, 0) {
			ratio += fmt.Sprintf(" (%.1f dB by segments)", segments)
		}
		return ratio + ", " + words
	}
	return words
}

// Tell implements [Teller]: where the change is, and by how much the largest value changed.
func (signalViewer) Tell(seed, trigger input.Input) []string {
	before, ok := drawable(seed)
	if !ok {
		return nil
	}
	after, _ := drawable(trigger)
	first, last, largest := -1, -1, 0.0
	place := 0
	for i, v := range after.values {
		change := math.Abs(v - before.values[i])
		if change == 0 {
			continue
		}
		if first < 0 {
			first = i
		}
		last = i
		if change > largest {
			largest, place = change, i
		}
	}
	if first < 0 {
		return nil
	}
	at := func(i int) string {
		t := i / before.features
		if rate := rateOf(seed, before); rate > 0 && before.features <= waveChannels {
			return fmt.Sprintf("%.3f s", float64(t)/float64(rate))
		}
		return fmt.Sprintf("moment %d", t)
	}
	s, v := inDigits(float64(seed.Data[place]), float64(trigger.Data[place]))
	line := fmt.Sprintf("changed from %s to %s, most at %s", at(first), at(last), at(place))
	if first/before.features == last/before.features {
		line = "changed at " + at(first)
	}
	if before.features > 1 {
		line += fmt.Sprintf(", feature %d", place%before.features)
	}
	return []string{fmt.Sprintf("%s: %s → %s", line, s, v)}
}

// drawn is a signal with values from -1 to 1: where they lie in their domains.
type drawn struct {
	values          []float64
	times, features int
}

// drawable is false for what is no signal [time] or [time, features].
func drawable(in input.Input) (drawn, bool) {
	if len(in.Shape) == 0 || len(in.Shape) > 2 || len(in.Data) == 0 {
		return drawn{}, false
	}
	d := drawn{make([]float64, len(in.Data)), in.Shape[0], len(in.Data) / in.Shape[0]}
	for i, v := range in.Data {
		own := in.DomainAt(i)
		low, high := float64(own.Min), float64(own.Max)
		if _, ok := fullScale(own); ok { // of sounds, silence is in the middle
			high = -low
		}
		d.values[i] = 2*(float64(v)-low)/(high-low) - 1
	}
	return d, true
}

const (
	// noDifference is the grey of equal features.
	noDifference = 128
	// mostAmplification keeps a difference of one step from looking like a large one.
	mostAmplification = 32
)

// amplification is the factor at which the largest difference is still told from larger ones.
func (d drawn) amplification() int {
	largest := 0.0
	for _, v := range d.values {
		largest = max(largest, math.Abs(v))
	}
	if largest == 0 {
		return 1
	}
	return int(min(max(1/largest, 1), mostAmplification))
}

// fullScale is the value that stands for full scale where the domain is that of samples of sounds: -1 to 1, of whatever step, or whole numbers of
// 16 bits.
func fullScale(d input.Domain) (most float64, ok bool) {
	switch most = -float64(d.Min); {
	case most != 1 && most != 32768 || most == 32768 && d.Step != 1:
		return 0, false
	case float64(d.Max)+float64(d.Step) != most && float64(d.Max) != most:
		return 0, false
	}
	return most, true
}

// sounds are the WAV files of signals that can be played, with the bits of their domain; floats where no number of bits holds it.
func sounds(seed input.Input, before, after, changed drawn, factor int) ([]Sound, error) {
	most, ok := fullScale(seed.Domain)
	if !ok || !seed.Uniform() || before.features > waveChannels || before.times < fewestSounds {
		return nil, nil
	}
	h := wav.Header{Rate: cmp.Or(rateOf(seed, before), usualRate), Channels: before.features, Bits: 32, Float: true}
	if bits := 1 - math.Log2(float64(seed.Domain.Step)/most); bits == 8 || bits == 16 || bits == 24 {
		h.Bits, h.Float = int(bits), false
	}
	difference := "difference"
	if factor > 1 {
		difference = fmt.Sprintf("difference ×%d", factor)
	}
	loudest := changed.loudest(h.Rate / 10)
	var all []Sound
	for _, of := range []struct {
		name, file string
		sound      drawn
		factor     int
	}{{"seed", "seed.wav", before, 1}, {"trigger", "trigger.wav", after, 1}, {difference, "diff.wav", changed, factor}} {
		samples := make([]float32, len(of.sound.values))
		for i, v := range of.sound.values {
			samples[i] = float32(v * float64(of.factor))
		}
		data, err := wav.Encode(h, samples)
		if err != nil {
			return nil, err
		}
		all = append(all, Sound{Name: of.name, File: of.file, WAV: data, At: loudest})
	}
	return all, nil
}

// loudest is the loudest moment of the window of so many moments that has the most power.
func (d drawn) loudest(window int) int {
	window = min(max(window, 1), d.times)
	power := func(t int) (sum float64) {
		for _, v := range d.values[t*d.features : (t+1)*d.features] {
			sum += v * v
		}
		return sum
	}
	sum, most, end := 0.0, -1.0, 0
	for t := range d.times {
		sum += power(t)
		if t >= window {
			sum -= power(t - window)
		}
		if sum > most {
			most, end = sum, t
		}
	}
	at := end
	for t := max(end-window+1, 0); t <= end; t++ {
		if power(t) > power(at) {
			at = t
		}
	}
	return at
}

// picturesOfWaves are waves with their spectrograms, of one scale.
func picturesOfWaves(before, after, changed drawn, factor int) (all [3]image.Image) {
	loudest := 0.0
	var powers [3][][]float64
	for i, d := range []drawn{before, after, changed} {
		powers[i] = d.powers()
		if i < 2 {
			for _, column := range powers[i] {
				loudest = max(loudest, slices.Max(column))
			}
		}
	}
	for i, d := range []drawn{before, after, changed} {
		img := image.NewNRGBA(image.Rect(0, 0, signalWidth, waveHeight+signalGap+soundsHeight))
		fillPicture(img, img.Rect, color.NRGBA{255, 255, 255, 255})
		scale := 1.0
		if i == 2 {
			scale = float64(factor)
		}
		drawWave(img, d, scale)
		for x := range signalWidth {
			column := powers[i][x*len(powers[i])/signalWidth]
			for y := range soundsHeight {
				power := column[(soundsHeight-1-y)*len(column)/soundsHeight]
				level := 0.0
				if power > 0 && loudest > 0 {
					level = 1 + 10*math.Log10(power/loudest)/spectrogramRange
				}
				img.SetNRGBA(x, waveHeight+signalGap+y, heat(level))
			}
		}
		all[i] = img
	}
	return all
}

func fillPicture(img *image.NRGBA, area image.Rectangle, c color.NRGBA) {
	for y := area.Min.Y; y < area.Max.Y; y++ {
		for x := area.Min.X; x < area.Max.X; x++ {
			img.SetNRGBA(x, y, c)
		}
	}
}

// drawWave draws, for each column, from the least to the greatest value of its time.
func drawWave(img *image.NRGBA, d drawn, scale float64) {
	const middle = (waveHeight - 1) / 2.0
	for x := range signalWidth {
		img.SetNRGBA(x, waveHeight/2, color.NRGBA{208, 208, 208, 255})
	}
	y := func(v float64) int { return int(math.Round(middle - min(max(v*scale, -1), 1)*middle)) }
	for feature := range d.features {
		last := y(d.values[feature])
		for x := range signalWidth {
			from := x * d.times / signalWidth
			to := max((x+1)*d.times/signalWidth, from+1)
			low, high := last, last // joined to the column before
			for t := from; t < to; t++ {
				last = y(d.values[t*d.features+feature])
				low, high = min(low, last), max(high, last)
			}
			for at := low; at <= high; at++ {
				img.SetNRGBA(x, at, color.NRGBA{31, 78, 121, 255})
			}
		}
	}
}

// spectrogramRange is how many dB below the loudest are shown.
const spectrogramRange = 80

// powers are the power spectra of overlapping windows (Hann's) over time, of the mean of the channels.
func (d drawn) powers() [][]float64 {
	window := min(256, fft.Length(max(d.times/8, 8)))
	columns := min(signalWidth, max(d.times/(window/4), 1))
	room := make([]fft.Complex, window)
	all := make([][]float64, columns)
	for x := range all {
		middle := (2*x + 1) * d.times / (2 * columns)
		for i := range room {
			room[i] = fft.Complex{}
			t := middle - window/2 + i
			if t < 0 || t >= d.times {
				continue
			}
			for _, v := range d.values[t*d.features : (t+1)*d.features] {
				room[i].Re += v / float64(d.features)
			}
			room[i].Re *= 0.5 - 0.5*math.Cos(2*math.Pi*(float64(i)+0.5)/float64(window))
		}
		fft.Forward(room)
		all[x] = make([]float64, window/2)
		for k := range all[x] {
			all[x][k] = room[k].Re*room[k].Re + room[k].Im*room[k].Im
		}
	}
	return all
}

// picturesOfFeatures have a row a feature, the first at the bottom. Differences are grey where there are none.
func picturesOfFeatures(before, after, changed drawn, factor int) (all [3]image.Image) {
	low, high := math.Inf(1), math.Inf(-1)
	for _, d := range []drawn{before, after} {
		low, high = min(low, slices.Min(d.values)), max(high, slices.Max(d.values))
	}
	for i, d := range []drawn{before, after, changed} {
		height := min(max(d.features, soundsHeight), mostSide)
		img := image.NewNRGBA(image.Rect(0, 0, signalWidth, height))
		for y := range height {
			feature := (height - 1 - y) * d.features / height
			for x := range signalWidth {
				v := d.values[x*d.times/signalWidth*d.features+feature]
				if i == 2 {
					grey := uint8(math.Round(min(max(noDifference+v*float64(factor)*127, 0), 255)))
					img.SetNRGBA(x, y, color.NRGBA{grey, grey, grey, 255})
					continue
				}
				level := 0.0
				if high > low {
					level = (v - low) / (high - low)
				}
				img.SetNRGBA(x, y, heat(level))
			}
		}
		all[i] = img
	}
	return all
}

// heat is a colour from black by violet and orange to a light yellow, each lighter than the one before.
func heat(level float64) color.NRGBA {
	stops := [...][3]float64{{0, 0, 8}, {80, 18, 123}, {182, 55, 121}, {251, 136, 97}, {252, 253, 191}}
	at := min(max(level, 0), 1) * float64(len(stops)-1)
	i := min(int(at), len(stops)-2)
	t := at - float64(i)
	mix := func(c int) uint8 { return uint8(math.Round(stops[i][c] + (stops[i+1][c]-stops[i][c])*t)) }
	return color.NRGBA{mix(0), mix(1), mix(2), 255}
}
