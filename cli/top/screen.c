/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/top/screen.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "cli/write/text.h"

#define ENTER "\033[?1049h\033[?25l\033[?7l" /* other buffer, no cursor, no wrap */
#define LEAVE "\033[0m\033[?7h\033[?25h\033[?1049l"

static struct {
	struct termios before;
	bool taken;
} screen;

static volatile sig_atomic_t asked_end, asked_stop, resized;

static void on_signal(int number)
{
	if (number == SIGWINCH || number == SIGCONT)
		resized = 1;
	else if (number == SIGTSTP)
		asked_stop = 1;
	else
		asked_end = 1;
}

static void put(const char *s, size_t n)
{
	while (n > 0) {
		ssize_t done = write(STDOUT_FILENO, s, n);

		if (done < 0 && errno != EINTR)
			return;
		if (done > 0) {
			s += done;
			n -= (size_t)done;
		}
	}
}

static void take(void)
{
	struct termios raw = screen.before;

	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	raw.c_cc[VMIN] = 0;
	raw.c_cc[VTIME] = 0;
	(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &raw);
	put(ENTER, sizeof ENTER - 1);
	screen.taken = true;
}

bool cl_screen_enter(void)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGTSTP, SIGCONT, SIGWINCH };
	struct sigaction action = { .sa_handler = on_signal };

	if (!isatty(STDOUT_FILENO) || tcgetattr(STDIN_FILENO, &screen.before) != 0)
		return false;
	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
		(void)sigaction(signals[i], &action, NULL);
	take();
	return true;
}

void cl_screen_leave(void)
{
	if (!screen.taken)
		return;
	screen.taken = false;
	put(LEAVE, sizeof LEAVE - 1);
	(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &screen.before);
}

void cl_screen_size(unsigned *columns, unsigned *lines)
{
	struct winsize size;
	bool known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0;

	*columns = known && size.ws_col > 0 ? size.ws_col : 80;
	*lines = known && size.ws_row > 0 ? size.ws_row : 24;
}

/* The user's Ctrl-Z: the terminal is the shell's until it goes on. */
static void stop(void)
{
	asked_stop = 0;
	cl_screen_leave();
	(void)raise(SIGSTOP);
	take();
	resized = 1;
}

enum cl_screen_event cl_screen_wait(int ms, char *key)
{
	struct pollfd fd = { STDIN_FILENO, POLLIN, 0 };
	int ready = asked_end || asked_stop || resized ? 0 : poll(&fd, 1, ms);

	if (asked_end)
		return CL_SCREEN_END;
	if (asked_stop)
		stop();
	if (resized) {
		resized = 0;
		return CL_SCREEN_SIZE;
	}
	if (ready <= 0)
		return CL_SCREEN_TIME;
	/* a terminal that is gone */
	return read(STDIN_FILENO, key, 1) == 1 ? CL_SCREEN_KEY : CL_SCREEN_END;
}

/* Drawing --------------------------------------------------------------------------- */

/* Columns that a character takes: two of the scripts of East Asia and of pictures. */
static unsigned width_of(uint32_t rune)
{
	bool wide = (rune >= 0x1100 && rune < 0x1160) || (rune >= 0x2e80 && rune < 0xa4d0) ||
		    (rune >= 0xac00 && rune < 0xd7a4) || (rune >= 0xf900 && rune < 0xfb00) ||
		    (rune >= 0xfe30 && rune < 0xfe70) || (rune >= 0xff00 && rune < 0xff61) || rune >= 0x1f300;

	return wide ? 2 : 1;
}

/* The length of an escape of ours at s, or 0. */
static size_t escape_at(const char *s, size_t left)
{
	size_t n = 2;

	if (left < 3 || s[0] != '\033' || s[1] != '[')
		return 0;
	while (n < left && s[n] != 'm')
		n++;
	return n < left ? n + 1 : 0;
}

unsigned cl_screen_cut(FILE *out, const char *line, size_t n, unsigned columns)
{
	unsigned at = 0;
	bool full = false;

	for (size_t i = 0; i < n;) {
		size_t escape = escape_at(line + i, n - i);
		uint32_t rune = 0;
		size_t size = escape > 0 ? escape : cl_text_rune(line + i, n - i, &rune);

		if (size == 0)
			size = 1;
		unsigned width = escape > 0 ? 0 : width_of(rune);
		full = full || at + width > columns;
		if (!full || escape > 0) { /* what escapes began they end, behind the edge too */
			fwrite(line + i, 1, size, out);
			at += width;
		}
		i += size;
	}
	return at;
}

void cl_screen_draw(const char *text)
{
	unsigned columns, lines;
	char *frame = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&frame, &size);

	if (out == NULL)
		return;
	cl_screen_size(&columns, &lines);
	fputs("\033[H", out);
	for (unsigned i = 0; i < lines && *text != '\0'; i++) {
		size_t n = strcspn(text, "\n");

		fputs(i > 0 ? "\r\n" : "", out);
		cl_screen_cut(out, text, n, columns);
		fputs("\033[0m\033[K", out);
		text += n + (text[n] == '\n');
	}
	fputs("\033[J", out);
	if (fclose(out) == 0)
		put(frame, size);
	free(frame);
}
