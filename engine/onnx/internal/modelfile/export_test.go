package modelfile

// InOneUpTo changes up to which size a model on disk is put into one file. The result changes it back.
func InOneUpTo(size int64) (undo func()) {
	was := mostInOne
	mostInOne = size
	return func() { mostInOne = was }
}
