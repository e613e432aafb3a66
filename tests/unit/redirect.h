/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_TESTS_UNIT_REDIRECT_H
#define CL_TESTS_UNIT_REDIRECT_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Sends a stream's file descriptor to a temporary file, to see what code under test wrote there. */
struct redirect {
	FILE *stream, *file;
	int saved;
	char text[16384];
};

static inline void redirect_begin(struct redirect *r, FILE *stream)
{
	fflush(stream);
	r->stream = stream;
	r->file = tmpfile();
	r->saved = dup(fileno(stream));
	if (r->file == NULL || r->saved < 0 || dup2(fileno(r->file), fileno(stream)) < 0)
		abort();
}

/* Puts the stream back and gives what was written. */
static inline const char *redirect_end(struct redirect *r)
{
	size_t n;

	fflush(r->stream);
	rewind(r->file);
	n = fread(r->text, 1, sizeof(r->text) - 1, r->file);
	r->text[n] = '\0';
	fclose(r->file);
	if (dup2(r->saved, fileno(r->stream)) < 0)
		abort();
	close(r->saved);
	return r->text;
}

/* Writes a file for the code under test; `path` ends in XXXXXX and gets its name. */
static inline void write_file(char *path, const char *text, size_t len)
{
	int fd = mkstemp(path);

	if (fd < 0 || write(fd, text, len) != (ssize_t)len || close(fd) != 0)
		abort();
}

#endif
