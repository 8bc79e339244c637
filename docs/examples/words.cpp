/* SPDX-License-Identifier: MIT */
/*
 * words: a plugin in C++20. Each line is a command, and words are counted for each connection:
 *
 *     add WORD...   ->   the number of different words so far
 *     top N         ->   the N most frequent words, as WORD=COUNT
 *
 * shinyd and libshiny are C, and no exception may pass through them. So each function that they call is a few lines
 * that call a member function within guarded(), which catches everything. The state of a connection is an object
 * behind shiny_user().
 */
#include <shiny-plugin.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace
{

using namespace std::literals;

constexpr std::size_t line_max = 64 * 1024;
constexpr std::size_t words_max = 10'000;
constexpr std::size_t word_max = 256;

/* What the client did wrong: its reply. Any other exception ends the connection. */
struct BadRequest : std::runtime_error {
	using std::runtime_error::runtime_error;
};

/* Of the section. */
class App
{
      public:
	App(const shiny_host &host, const shiny_value *values)
	    : host_(host), top_max_(static_cast<std::size_t>(values[0].number))
	{
	}

	std::size_t top_max() const
	{
		return top_max_;
	}

	void log(shiny_log_level level, const char *text) const noexcept
	{
		host_.log(&host_, level, text);
	}

      private:
	const shiny_host &host_;
	std::size_t top_max_;
};

/* The next word of a text, which is taken off its front; empty at the end. */
std::string_view next_word(std::string_view &text)
{
	const auto start = std::min(text.find_first_not_of(' '), text.size());
	const auto end = std::min(text.find(' ', start), text.size());
	const auto word = text.substr(start, end - start);

	text.remove_prefix(end);
	return word;
}

std::size_t parse_number(std::string_view text)
{
	std::size_t number = 0;
	const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);

	if (error != std::errc{} || end != text.data() + text.size()) {
		throw BadRequest("not a number: " + std::string(text));
	}
	return number;
}

/* Of a connection. */
class Session
{
      public:
	explicit Session(const App &app) : app_(app)
	{
	}

	/* One line and its reply. */
	std::string answer(std::string_view line)
	{
		const auto command = next_word(line);

		if (command == "add") {
			return add(line);
		}
		if (command == "top") {
			return top(parse_number(next_word(line)));
		}
		throw BadRequest("unknown command: " + std::string(command));
	}

      private:
	std::string add(std::string_view words)
	{
		for (auto word = next_word(words); !word.empty(); word = next_word(words)) {
			if (counts_.size() >= words_max || word.size() > word_max) {
				throw BadRequest("too many words, or too long a word");
			}
			counts_[std::string(word)]++;
		}
		return std::to_string(counts_.size());
	}

	std::string top(std::size_t count) const
	{
		std::vector<std::pair<std::string, std::size_t>> all(counts_.begin(),
								     counts_.end());
		std::string text;

		if (count > app_.top_max()) {
			throw BadRequest("at most " + std::to_string(app_.top_max()));
		}
		std::ranges::sort(all, [](const auto &left, const auto &right) {
			return left.second != right.second ? left.second > right.second
							   : left.first < right.first;
		});
		all.resize(std::min(all.size(), count));
		for (const auto &[word, number] : all) {
			text += (text.empty() ? ""s : " "s) + word + '=' + std::to_string(number);
		}
		return text;
	}

	const App &app_;
	std::unordered_map<std::string, std::size_t> counts_;
};

bool write(shiny_conn *conn, std::string_view text)
{
	return shiny_write(conn, text.data(), text.size()) == 0;
}

/* False if the connection is over. */
bool answer_line(shiny_conn *conn, std::string_view line)
{
	auto *session = static_cast<Session *>(shiny_user(conn));

	try {
		return write(conn, session->answer(line) + '\n');
	} catch (const BadRequest &problem) {
		return write(conn, "error: "s + problem.what() + '\n');
	}
}

bool answer_lines(shiny_conn *conn, std::string_view data)
{
	while (!data.empty() && !shiny_congested(conn)) {
		const auto end = data.find('\n');

		if (std::min(end, data.size()) > line_max) {
			return false;
		}
		if (end == data.npos) {
			return shiny_unread(conn, data.size(), data.size() + 1) == 0;
		}
		if (!answer_line(conn, data.substr(0, end))) {
			return false;
		}
		data.remove_prefix(end + 1);
	}
	return shiny_unread(conn, data.size(), 0) == 0;
}

/* Calls a function, and turns what it throws into a line of the log and false. */
template <typename Function> bool guarded(const App &app, Function function) noexcept
{
	try {
		return function();
	} catch (const std::exception &problem) {
		app.log(SHINY_LOG_ERROR, problem.what());
	} catch (...) {
		app.log(SHINY_LOG_ERROR, "an exception of an unknown type");
	}
	return false;
}

const App &app_of(void *ctx)
{
	return *static_cast<const App *>(ctx);
}

int load(const shiny_host *host, const shiny_value *values, char *error, void **ret_ctx) noexcept
{
	try {
		*ret_ctx = std::make_unique<App>(*host, values).release();
		return 0;
	} catch (const std::exception &problem) {
		std::snprintf(error, SHINY_ERROR_MAX, "%s", problem.what());
		return -1;
	}
}

void unload(void *ctx) noexcept
{
	delete static_cast<App *>(ctx);
}

constexpr shiny_param parameters[] = {
	{
		.key = "top_max",
		.type = SHINY_TYPE_INTEGER,
		.default_value = "100",
		.min = 1,
		.max = 10'000,
		.help = "how many words one request may ask for",
	},
	{ .key = nullptr },
};

} // namespace

bool on_handle(shiny_conn *conn, const char *data, std::size_t len, void *ctx)
{
	return guarded(app_of(ctx), [&] { return answer_lines(conn, { data, len }); });
}

bool on_accept(shiny_conn *conn, void *ctx)
{
	return guarded(app_of(ctx), [&] {
		shiny_set_user(conn, std::make_unique<Session>(app_of(ctx)).release());
		return true;
	});
}

void on_closed(shiny_conn *conn, int, void *)
{
	delete static_cast<Session *>(shiny_user(conn));
}

/* clang-format off */
extern const struct shiny_plugin shiny_plugin = {
	SHINY_PLUGIN_HEAD,
	.name = "words",
	.version = "1.0",
	.summary = "counts words, in C++",
	.parameters = parameters,
	.load = load,
	.unload = unload,
};
/* clang-format on */
