package static

import (
	"mime"
	"path"
	"strings"
)

const octets = "application/octet-stream"

// typeOf returns the content type of a file: what own says about its extension, else what this package knows, else
// what the system knows. The system is asked last, so that common files have the same type everywhere.
func typeOf(name string, own map[string]string) string {
	ext := path.Ext(name)
	if ext == "" {
		return octets
	}
	if t, ok := own[ext]; ok {
		return t
	}
	lower := strings.ToLower(ext)
	if t, ok := own[lower]; ok {
		return t
	}
	if t, ok := types[lower]; ok {
		return t
	}
	if t := mime.TypeByExtension(ext); t != "" {
		return t
	}
	return octets
}

// types are the content types of the media types registry (https://www.iana.org/assignments/media-types) for the extensions
// that are common on the web. Text is said to be UTF-8, where the type has that parameter.
var types = func() map[string]string {
	m := make(map[string]string)
	for t, extensions := range map[string]string{
		"text/html; charset=utf-8":       ".html .htm",
		"text/css; charset=utf-8":        ".css",
		"text/javascript; charset=utf-8": ".js .mjs .cjs",
		"text/plain; charset=utf-8":      ".txt .text .log .conf .ini",
		"text/markdown; charset=utf-8":   ".md .markdown",
		"text/csv; charset=utf-8":        ".csv",
		"text/calendar; charset=utf-8":   ".ics",
		"text/vtt; charset=utf-8":        ".vtt",
		"text/xml; charset=utf-8":        ".xml .xsl .xslt",
		"application/atom+xml":           ".atom",
		"application/rss+xml":            ".rss",
		"application/xhtml+xml":          ".xhtml .xht",
		"application/json":               ".json .map",
		"application/ld+json":            ".jsonld",
		"application/geo+json":           ".geojson",
		"application/manifest+json":      ".webmanifest",
		"application/toml":               ".toml",
		"application/yaml":               ".yaml .yml",
		"application/wasm":               ".wasm",
		"application/pdf":                ".pdf",
		"application/rtf":                ".rtf",
		"application/epub+zip":           ".epub",
		"application/zip":                ".zip",
		"application/gzip":               ".gz .tgz",
		"application/zstd":               ".zst",
		"application/x-bzip2":            ".bz2",
		"application/x-xz":               ".xz",
		"application/x-tar":              ".tar",
		"application/x-7z-compressed":    ".7z",
		"application/vnd.rar":            ".rar",
		"application/java-archive":       ".jar .war",
		"application/x-sh":               ".sh",
		"application/sql":                ".sql",
		"application/msword":             ".doc",
		"application/vnd.ms-excel":       ".xls",
		"application/vnd.ms-powerpoint":  ".ppt",
		"application/vnd.openxmlformats-officedocument.wordprocessingml.document":   ".docx",
		"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet":         ".xlsx",
		"application/vnd.openxmlformats-officedocument.presentationml.presentation": ".pptx",
		"application/vnd.oasis.opendocument.text":                                   ".odt",
		"application/vnd.oasis.opendocument.spreadsheet":                            ".ods",
		"application/vnd.apple.mpegurl":                                             ".m3u8",
		"application/dash+xml":                                                      ".mpd",
		octets:                                                                      ".bin .exe .dll .so .deb .rpm .iso .img .dmg .msi",
		"image/png":                                                                 ".png",
		"image/apng":                                                                ".apng",
		"image/jpeg":                                                                ".jpg .jpeg .jfif",
		"image/gif":                                                                 ".gif",
		"image/webp":                                                                ".webp",
		"image/avif":                                                                ".avif",
		"image/jxl":                                                                 ".jxl",
		"image/heic":                                                                ".heic",
		"image/svg+xml":                                                             ".svg .svgz",
		"image/bmp":                                                                 ".bmp",
		"image/tiff":                                                                ".tif .tiff",
		"image/vnd.microsoft.icon":                                                  ".ico",
		"audio/mpeg":                                                                ".mp3",
		"audio/ogg":                                                                 ".ogg .oga .opus",
		"audio/wav":                                                                 ".wav",
		"audio/flac":                                                                ".flac",
		"audio/mp4":                                                                 ".m4a",
		"audio/aac":                                                                 ".aac",
		"audio/midi":                                                                ".mid .midi",
		"audio/webm":                                                                ".weba",
		"video/mp4":                                                                 ".mp4 .m4v",
		"video/webm":                                                                ".webm",
		"video/ogg":                                                                 ".ogv",
		"video/quicktime":                                                           ".mov",
		"video/x-msvideo":                                                           ".avi",
		"video/x-matroska":                                                          ".mkv",
		"video/mp2t":                                                                ".ts",
		"font/woff":                                                                 ".woff",
		"font/woff2":                                                                ".woff2",
		"font/ttf":                                                                  ".ttf",
		"font/otf":                                                                  ".otf",
		"font/collection":                                                           ".ttc",
		"application/vnd.ms-fontobject":                                             ".eot",
	} {
		for _, ext := range strings.Fields(extensions) {
			m[ext] = t
		}
	}
	return m
}()
