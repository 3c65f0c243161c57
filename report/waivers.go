package report

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/engine"
)

const (
	// WaiversFormat is the value of "format" in a waiver file.
	WaiversFormat  = "triggerfinder-waivers"
	waiversVersion = 1
	largestWaivers = 16 << 20
	// expiryLayout is how the day is written until which a waiver holds.
	expiryLayout = "2006-01-02"
)

// Waivers is a waiver file: triggers that somebody accepts, for a reason and for a time.
//
//	{
//	  "format": "triggerfinder-waivers",
//	  "version": 1,
//	  "waivers": [
//	    {
//	      "pair": "lenet5-int8",
//	      "trigger": "3f9c52d0a1b2c3d4",
//	      "owner": "Ada",
//	      "reason": "blurred beyond what the camera delivers",
//	      "expires": "2027-01-31"
//	    },
//	    {
//	      "pair": "lenet5-int8",
//	      "original_label": 6,
//	      "compressed_label": 0,
//	      "owner": "Ada",
//	      "reason": "shirts and T-shirts are one class in the shop",
//	      "expires": "2027-01-31"
//	    },
//	    {
//	      "pair": "lenet5-float16",
//	      "kind": "not finite",
//	      "owner": "Ada",
//	      "reason": "overflow in conv2, mended in the next release",
//	      "expires": "2027-01-31"
//	    }
//	  ]
//	}
type Waivers struct {
	File    string   `json:"-"` // that it was read from
	Waivers []Waiver `json:"waivers"`
}

// Waiver accepts one trigger of a pair, by its ID, or all of its triggers with two labels, or of one sort of deviation where the oracle
// does not go by labels, or all for which the compressed
// model gives NaN or infinity ("kind": "not finite"), which no waiver of labels accepts.
type Waiver struct {
	Pair            string `json:"pair"`
	Trigger         string `json:"trigger,omitempty"`
	OriginalLabel   *int   `json:"original_label,omitempty"`
	CompressedLabel *int   `json:"compressed_label,omitempty"`
	// Deviation is a sort of deviations, as the oracle tells it: "price higher"; see [answer.Labels.Sort].
	Deviation string `json:"deviation,omitempty"`
	// Kind is [answer.NotFinite], or none.
	Kind   answer.Kind `json:"kind,omitempty"`
	Owner  string      `json:"owner"`
	Reason string      `json:"reason"`
	// Expires is the last day, in UTC, on which it holds, such as "2027-01-31".
	Expires string `json:"expires"`
}

// LoadWaivers reads a waiver file, strictly: each waiver has an owner, a reason and a day on which it
// expires; a field that is not known, or two waivers of the same, are errors.
func LoadWaivers(path string) (*Waivers, error) {
	data, err := ReadBounded(path, largestWaivers)
	if err != nil {
		return nil, fmt.Errorf("report: waivers: %w", err)
	}
	w, err := decodeWaivers(data)
	if err != nil {
		return nil, fmt.Errorf("report: waivers: %s: %w", path, err)
	}
	w.File = path
	return w, nil
}

func decodeWaivers(data []byte) (*Waivers, error) {
	var f struct {
		header
		Waivers []Waiver `json:"waivers"`
	}
	if err := DecodeStrict(data, WaiversFormat, waiversVersion, &f); err != nil {
		return nil, err
	}
	seen := map[string]int{}
	for i, w := range f.Waivers {
		if err := w.check(); err != nil {
			return nil, fmt.Errorf("waivers[%d]: %w", i, err)
		}
		key := fmt.Sprintf("%q %s", w.Pair, w.what())
		if other, ok := seen[key]; ok {
			return nil, fmt.Errorf("waivers[%d]: expected each waiver once, found that of waivers[%d] again (%s)", i, other, w.what())
		}
		seen[key] = i
	}
	return &Waivers{Waivers: f.Waivers}, nil
}

func (w Waiver) check() error {
	for _, text := range []struct{ name, value string }{{"pair", w.Pair}, {"owner", w.Owner}, {"reason", w.Reason}, {"expires", w.Expires}} {
		if strings.TrimSpace(text.value) == "" {
			return fmt.Errorf("%s: expected a text, found none", text.name)
		}
	}
	labels := w.OriginalLabel != nil || w.CompressedLabel != nil
	switch {
	case w.Deviation != "" && (labels || w.Trigger != "" || w.Kind != ""):
		return errors.New("expected one of deviation, kind, trigger, and original_label and compressed_label, found deviation and another")
	case w.Deviation != "":
	case w.Kind != "" && w.Kind != answer.NotFinite:
		return fmt.Errorf("kind: expected %q, found %.40q", answer.NotFinite, w.Kind)
	case w.Kind != "" && (labels || w.Trigger != ""):
		return errors.New("expected one of kind, trigger, and original_label and compressed_label, found kind and another")
	case w.Kind == "" && w.Trigger == "" && !labels:
		return fmt.Errorf("expected a trigger, or original_label and compressed_label, or a deviation, or kind %q, found none", answer.NotFinite)
	case w.Trigger != "" && labels:
		return errors.New("expected either a trigger or original_label and compressed_label, found both")
	case labels && (w.OriginalLabel == nil || w.CompressedLabel == nil):
		return errors.New("expected original_label and compressed_label, found one of them")
	case labels && (*w.OriginalLabel < 0 || *w.CompressedLabel < 0):
		return fmt.Errorf("expected labels of at least 0, found %d and %d", *w.OriginalLabel, *w.CompressedLabel)
	}
	if id, err := hex.DecodeString(w.Trigger); err != nil || w.Trigger != "" && len(id) != 8 || strings.ToLower(w.Trigger) != w.Trigger {
		return fmt.Errorf("trigger: expected its ID of 16 hexadecimal digits, found %.40q", w.Trigger)
	}
	if _, err := time.Parse(expiryLayout, w.Expires); err != nil {
		return fmt.Errorf("expires: expected a day such as %q, found %.40q", "2027-01-31", w.Expires)
	}
	return nil
}

// what says what the waiver accepts.
func (w Waiver) what() string {
	if w.Trigger != "" {
		return "trigger " + w.Trigger
	}
	if w.Kind != "" {
		return "triggers that are " + string(w.Kind)
	}
	if w.Deviation != "" {
		return "deviation " + strconv.Quote(w.Deviation)
	}
	return fmt.Sprintf("labels %d and %d", *w.OriginalLabel, *w.CompressedLabel)
}

// Accepts reports whether the waiver is about the trigger of the pair, expired or not.
func (w Waiver) Accepts(pair string, t *engine.Trigger) bool {
	switch {
	case w.Pair != pair:
		return false
	case w.Trigger != "":
		return w.Trigger == t.ID
	case w.Kind != "" || t.Kind != answer.OtherAnswer:
		return w.Kind == t.Kind
	case w.Deviation != "" || !t.Told().OfLabels():
		return w.Deviation != "" && w.Deviation == t.Sort().Told().In(nil)
	}
	return w.OriginalLabel != nil && w.CompressedLabel != nil && *w.OriginalLabel == t.OriginalLabel && *w.CompressedLabel == t.CompressedLabel
}

// Expired reports whether the waiver's last day is over. A day that cannot be read is.
func (w Waiver) Expired(now time.Time) bool {
	day, err := time.Parse(expiryLayout, w.Expires)
	return err != nil || !now.UTC().Before(day.AddDate(0, 0, 1))
}

// Describe names a waiver of the file, for messages. It is counted from 0, as JSON tools do.
func (w *Waivers) Describe(i int) string {
	v := w.Waivers[i]
	return fmt.Sprintf("%s: waivers[%d] (%s of pair %s, owner %s)", w.File, i, v.what(), v.Pair, v.Owner)
}
