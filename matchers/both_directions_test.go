package matchers_test

import (
	"regexp"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/types"
)

// once is a matcher that answers again as it first did: the assertions To and NotTo ask it the same.
type once struct {
	types.GomegaMatcher
	asked, matched bool
	err            error
}

// Match implements [types.GomegaMatcher].
func (m *once) Match(actual any) (bool, error) {
	if !m.asked {
		m.matched, m.err = m.GomegaMatcher.Match(actual)
		m.asked = true
	}
	return m.matched, m.err
}

// errsBothWays asserts that the matcher makes To and NotTo fail, with a message that the pattern is found in. It returns
// the error.
func errsBothWays(t *testing.T, actual any, matcher types.GomegaMatcher, pattern string) error {
	t.Helper()
	m := &once{GomegaMatcher: matcher}
	for direction, assert := range map[string]func(g Gomega){
		"To":    func(g Gomega) { g.Expect(actual).To(m) },
		"NotTo": func(g Gomega) { g.Expect(actual).NotTo(m) },
	} {
		failure := ""
		assert(NewGomega(func(message string, _ ...int) { failure = message }))
		if !regexp.MustCompile(pattern).MatchString(failure) {
			t.Errorf("%s: failure %q; expected one that says %q", direction, failure, pattern)
		}
	}
	return m.err
}
