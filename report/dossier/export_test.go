package dossier

var (
	Decode = decode
	Encode = encode
)
