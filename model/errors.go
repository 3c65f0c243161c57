package model

import "errors"

// ErrBadScores: a model gave no scores, the wrong number of rows or classes, or NaN or infinity for everything.
var ErrBadScores = errors.New("bad scores")
