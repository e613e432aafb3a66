/* SPDX-License-Identifier: BSD-2-Clause */
/* Runs a fuzz target over files, and the files in folders, named as arguments: for builds without libFuzzer.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "tests/fuzz/fuzz.h"

static int run_file(const char *path, size_t size)
{
	uint8_t *data = malloc(
		size > 0 ? size : 1); /* of just this size, for the sanitizers to see one octet too far */
	FILE *f = fopen(path, "rb");
	size_t n = 0;

	if (data != NULL && f != NULL)
		n = fread(data, 1, size, f);
	if (f != NULL)
		fclose(f);
	if (data != NULL && n == size)
		LLVMFuzzerTestOneInput(data, size);
	else
		perror(path);
	free(data);
	return data == NULL || n != size;
}

static int run_folder(const char *path, unsigned *count)
{
	char name[4096];
	struct dirent *e;
	struct stat st;
	int bad = 0;
	DIR *d = opendir(path);

	if (d == NULL) {
		perror(path);
		return 1;
	}
	while ((e = readdir(d)) != NULL) {
		snprintf(name, sizeof(name), "%s/%s", path, e->d_name);
		if (stat(name, &st) == 0 && S_ISREG(st.st_mode)) {
			bad |= run_file(name, (size_t)st.st_size);
			++*count;
		}
	}
	closedir(d);
	return bad;
}

int main(int argc, char **argv)
{
	unsigned count = 0;
	struct stat st;
	int bad = 0;

	for (int i = 1; i < argc; i++) {
		if (stat(argv[i], &st) == 0 && S_ISDIR(st.st_mode)) {
			bad |= run_folder(argv[i], &count);
		} else if (stat(argv[i], &st) == 0) {
			bad |= run_file(argv[i], (size_t)st.st_size);
			count++;
		} else {
			perror(argv[i]);
			bad = 1;
		}
	}
	printf("%u inputs\n", count);
	return bad || count == 0;
}
