package gate

import (
	"errors"
	"fmt"
	"strconv"
)

// ErrTooWeak says that a search did not show the power that was asked for, so that "nothing found" means
// too little.
var ErrTooWeak = errors.New("search too weak")

// Require is nil when the trial shows, with its confidence, a detection rate of at least power: its
// interval lies at or above it. 0 requires that the search found the change for at least one seed. Otherwise the
// error, an [ErrTooWeak], tells a search that is too weak from one with too few seeds to tell.
func (t CanaryTrial) Require(power float64) error {
	switch {
	case !(power >= 0 && power < 1):
		return fmt.Errorf("power is %g; expected at least 0 and below 1", power)
	case t.Found == 0:
		return fmt.Errorf("%w: it found none of %s deviating %s (the %s interval ends at %s), so it would not find a deviation of that size in the compressed model either; raise the budget, or state a larger change",
			ErrTooWeak, seeds(t.Seeds), t.when(), Percent(t.Confidence), Percent(t.Upper))
	case t.Lower >= power:
		return nil
	case t.Upper < power:
		return fmt.Errorf("%w: expected it to find at least %s of seeds deviating %s, found %s; raise the budget, or state a larger change",
			ErrTooWeak, Percent(power), t.when(), t.rate())
	}
	return fmt.Errorf("%w, or measured on too few seeds: expected it to find at least %s of seeds deviating %s, found %s, which leaves it open; take more seeds, or raise the budget",
		ErrTooWeak, Percent(power), t.when(), t.rate())
}

// String is a clause such as "97 of 100 seeds (97 %; 95 % interval 91.5 to 99.4 %) deviating when the
// original was changed by 1 %".
func (t CanaryTrial) String() string {
	return t.rate() + " deviating " + t.when()
}

func (t CanaryTrial) rate() string {
	s := fmt.Sprintf("%d of %s (%s; %s interval %s to %s)", t.Found, seeds(t.Seeds), Percent(t.Rate()), Percent(t.Confidence),
		inHundredths(t.Lower), Percent(t.Upper))
	if t.Unchanged > 0 {
		s = s[:len(s)-1] + fmt.Sprintf("; %d without a search)", t.Unchanged)
	}
	return s
}

func (t CanaryTrial) when() string { return "when the original was changed by " + Percent(t.Size) }

func seeds(n int) string {
	if n == 1 {
		return "1 seed"
	}
	return fmt.Sprintf("%d seeds", n)
}

// Percent writes a share with three digits, such as "91.2 %", or with as many as keep it from being rounded to
// "100 %", which says more: "99.99 %".
func Percent(share float64) string { return inHundredths(share) + " %" }

// inHundredths is Percent without the sign.
func inHundredths(share float64) string {
	for digits := 3; ; digits++ {
		rounded, err := strconv.ParseFloat(strconv.FormatFloat(100*share, 'g', digits, 64), 64)
		if err != nil || rounded < 100 || share >= 1 || digits == 17 {
			return strconv.FormatFloat(rounded, 'f', -1, 64)
		}
	}
}
