module github.com/triggerfinder/triggerfinder

go 1.25.0
