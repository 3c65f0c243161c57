//go:build cgo

package onnx

import (
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/model"
)

// onProcessor tells the package that 8-bit products saturate on this processor, or that they do not.
func onProcessor(t *testing.T, saturates bool) {
	t.Helper()
	before := saturating
	saturating = func() bool { return saturates }
	t.Cleanup(func() { saturating = before })
}

func TestInt8Settings(t *testing.T) {
	for _, test := range []struct {
		saturates bool
		want      string
	}{{false, "optimisation none"}, {true, "optimisation none, exact 8-bit products"}} {
		onProcessor(t, test.saturates)
		var found []string
		for _, s := range Int8Settings() {
			found = append(found, s.Name)
			if s.Option == nil || !strings.HasSuffix(s.Advice, ".") || strings.Contains(s.Advice, "reduce_range") != test.saturates {
				t.Errorf("%s: option %v, advice %q", s.Name, s.Option, s.Advice)
			}
		}
		if got := strings.Join(found, ", "); got != test.want {
			t.Errorf("saturates: %v: expected %s, found %s", test.saturates, test.want, got)
		}
	}
}

// Variants have exact products where they can matter: a quantised model, and a processor whose products saturate.
func TestVariantOfExactProducts(t *testing.T) {
	for _, test := range []struct {
		pair      fixtures.Pair
		saturates bool
		options   []Option
		want      bool
	}{
		{fixtures.LeNet5Int8, true, nil, true},
		{fixtures.LeNet5Dynamic, true, nil, true},
		{fixtures.LeNet5Int8, true, []Option{ExactProducts()}, false},
		{fixtures.LeNet5Int8, true, []Option{Original(ExactProducts())}, true},
		{fixtures.LeNet5Int8, false, nil, false},
		{fixtures.LeNet5Pruned, true, nil, false},
	} {
		onProcessor(t, test.saturates)
		variants, err := OpenVariantsFS(fixtures.Models, test.pair.Original, test.pair.Compressed, append(test.options, Scale(fixtures.Scale))...)
		if err != nil {
			t.Fatal(err)
		}
		found := false
		for _, v := range variants {
			if v.Setting != exactProductsSetting {
				continue
			}
			found = true
			o, c := v.Pair.Describe()
			for _, d := range []model.Description{o, c} {
				if d.Settings["products"] != "exact" {
					t.Errorf("%s: products %q", d.Name, d.Settings["products"])
				}
			}
		}
		if found != test.want {
			t.Errorf("%s, saturates %v: variant of exact products %v, expected %v", test.pair.Name, test.saturates, found, test.want)
		}
		if err := variants.Close(); err != nil {
			t.Error(err)
		}
	}
}
