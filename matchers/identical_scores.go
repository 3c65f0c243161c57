package matchers

// AllowingIdenticalScores accepts models that give the same scores, to the last bit, for everything, and a model that is the
// original saved again. It is for asserting exactly that of a graph optimiser:
//
//	Expect(optimised).NotTo(HaveDeviationFrom(seeds).AllowingIdenticalScores())
//
// Without it that is an error, since it mostly means that nothing was compressed. Two files of equal bytes are an error all the same.
func (m *HaveDeviationMatcher) AllowingIdenticalScores() *HaveDeviationMatcher {
	return m.with(func(c *HaveDeviationMatcher) { c.settings.AllowIdentical = true })
}

// AllowingIdenticalScores is that of [HaveDeviationMatcher].
func (m *DeviateNoMoreThanMatcher) AllowingIdenticalScores() *DeviateNoMoreThanMatcher {
	return m.with(func(c *DeviateNoMoreThanMatcher) { c.identical = true })
}

// AllowingIdenticalScores is that of [HaveDeviationMatcher].
func (m *HaveDeviationRateMatcher) AllowingIdenticalScores() *HaveDeviationRateMatcher {
	return m.with(func(c *HaveDeviationRateMatcher) { c.settings.AllowIdentical = true })
}

// AllowingIdenticalScores is that of [HaveDeviationMatcher].
func (m *HaveNegativeFlipRateMatcher) AllowingIdenticalScores() *HaveNegativeFlipRateMatcher {
	return m.with(func(c *HaveNegativeFlipRateMatcher) { c.settings.AllowIdentical = true })
}
