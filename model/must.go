package model

// Tried is what a call gave, and whether it failed: see [Try].
type Tried[T any] struct {
	value T
	err   error
}

// Try takes what a call returns, such as one that opens a model, and fails a test if that is an error:
//
//	pair := model.Try(onnx.OpenPair("model.onnx", "model-int8.onnx")).OrFail(t)
//	seeds := model.Try(generators.ImageFolder("testdata/images")).OrFail(t)
func Try[T any](v T, err error) Tried[T] { return Tried[T]{v, err} }

// TB is the part of [testing.TB] that [Tried.OrFail] needs. GinkgoTB() and GinkgoT() are one too.
type TB interface {
	Helper()
	Fatal(args ...any)
}

// OrFail returns the value, or fails the test with the error as its one line: the tests after it run on. In Ginkgo it takes
// GinkgoTB(), inside of specs and of nodes such as BeforeAll.
func (r Tried[T]) OrFail(t TB) T {
	t.Helper()
	if r.err != nil {
		t.Fatal(r.err)
	}
	return r.value
}

// Must returns v, and panics if err is not nil. It is for programs and for variables of a package, where no test can fail: in a
// test, a panic ends all others of the package too, where [Try] ends one.
func Must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
