#include "torch/pickle.hpp"

#include <array>
#include <charconv>
#include <cstring>

#include "base/error.hpp"

namespace slipway::torch {
namespace {

[[noreturn]] void refuse(std::string_view reason) {
  fail(ErrorCode::kInvalidModel, "the pickle is damaged: {}", reason);
}

std::string dotted(const PickleGlobal& global) {
  return fmt::format("{}.{}", global.module, global.name);
}

}  // namespace

// The stack machine that a pickle is a program for.
class PickleMachine {
 public:
  explicit PickleMachine(PickleReader& reader) : reader_(reader) {}

  PickleValue& run() {
    while (!done_) step(static_cast<uint8_t>(take(1)[0]));
    return pop();
  }

 private:
  using Content = PickleValue::Content;

  // --- what the opcodes read ---

  std::string_view take(uint64_t count) {
    if (count > reader_.text_.size() - reader_.position_) refuse("it ends too early");
    const std::string_view taken = reader_.text_.substr(reader_.position_, static_cast<size_t>(count));
    reader_.position_ += taken.size();
    return taken;
  }
  // Little-endian.
  uint64_t number(int bytes) {
    const std::string_view taken = take(static_cast<uint64_t>(bytes));
    uint64_t value = 0;
    for (size_t i = taken.size(); i > 0; --i) value = value << 8 | static_cast<uint8_t>(taken[i - 1]);
    return value;
  }
  std::string_view line() {
    const size_t end = reader_.text_.find('\n', reader_.position_);
    if (end == std::string_view::npos) refuse("it ends too early");
    const std::string_view taken = take(end - reader_.position_);
    take(1);
    return taken;
  }
  std::string_view counted(int bytes_of_count) { return take(number(bytes_of_count)); }

  // --- the stack ---

  static void check_room(const auto& held) {
    if (held.size() == kMostPickleValues)
      fail(ErrorCode::kOutOfMemory, "the pickle holds more than {} values", kMostPickleValues);
  }
  PickleValue& make(Content content) {
    check_room(reader_.values_);
    return reader_.values_.emplace_back(std::move(content));
  }
  void push(PickleValue& value) {
    check_room(stack_);
    stack_.push_back(&value);
  }
  void push(Content content) { push(make(std::move(content))); }
  size_t base() const { return marks_.empty() ? 0 : marks_.back(); }
  PickleValue& top() {
    if (stack_.size() <= base()) refuse("it takes a value from an empty stack");
    return *stack_.back();
  }
  PickleValue& pop() {
    PickleValue& value = top();
    stack_.pop_back();
    return value;
  }
  std::vector<PickleValue*> pop_to_mark() {
    if (marks_.empty()) refuse("it goes back to a mark that is not there");
    const auto begin = stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
    std::vector<PickleValue*> values(begin, stack_.end());
    stack_.erase(begin, stack_.end());
    marks_.pop_back();
    return values;
  }

  // --- the memo ---

  void remember(uint64_t place) {
    check_room(memo_);
    memo_[place] = &top();
  }
  void recall(uint64_t place) {
    const auto found = memo_.find(place);
    if (found == memo_.end()) refuse("it recalls a value that it never kept");
    push(*found->second);
  }
  uint64_t decimal(std::string_view text) {
    uint64_t value = 0;
    if (std::from_chars(text.data(), text.data() + text.size(), value).ec != std::errc())
      refuse("a number was expected");
    return value;
  }

  // --- containers and objects ---

  void append(PickleValue& to, const std::vector<PickleValue*>& elements) {
    auto* list = to.as<PickleList>();
    auto* object = to.as<PickleObject>();
    if (!list && !object) refuse("it appends to what is no list");
    auto& all = list ? list->elements : object->elements;
    all.insert(all.end(), elements.begin(), elements.end());
  }
  void set_items(PickleValue& to, const std::vector<PickleValue*>& pairs) {
    auto* dict = to.as<PickleDict>();
    auto* object = to.as<PickleObject>();
    if ((!dict && !object) || pairs.size() % 2 != 0) refuse("it sets items of what is no dict");
    auto& items = dict ? dict->items : object->items;
    for (size_t i = 0; i < pairs.size(); i += 2) items.emplace_back(pairs[i], pairs[i + 1]);
  }
  void push_tuple(size_t count) {
    std::vector<PickleValue*> elements(count);
    for (size_t i = count; i > 0; --i) elements[i - 1] = &pop();
    push(PickleList{std::move(elements)});
  }
  void push_dict(const std::vector<PickleValue*>& pairs) {
    PickleValue& dict = make(PickleDict{});
    set_items(dict, pairs);
    push(dict);
  }
  void push_call() {
    PickleValue& arguments = pop();
    PickleValue& callable = pop();
    push(PickleObject{&callable, &arguments, nullptr, {}, {}});
  }
  // NEWOBJ_EX: keyword arguments are the state of nothing that matters here, but must not be lost.
  void push_call_with_keywords() {
    PickleValue& keywords = pop();
    push_call();
    top().as<PickleObject>()->state = &keywords;
  }
  // INST and OBJ: the arguments stand behind the mark.
  void push_old_object(PickleValue& callable, std::vector<PickleValue*> arguments) {
    push(PickleObject{&callable, &make(PickleList{std::move(arguments)}), nullptr, {}, {}});
  }
  void build() {
    PickleValue& state = pop();
    auto* object = top().as<PickleObject>();
    if (!object) refuse("it gives a state to what is no object");
    object->state = &state;
  }
  PickleGlobal global_from_lines() {
    const std::string_view module = line();
    return {module, line()};
  }
  void push_stacked_global() {
    const auto* name = pop().as<std::string>();
    const auto* module = pop().as<std::string>();
    if (!name || !module) refuse("a global's name was expected");
    push(PickleGlobal{*module, *name});
  }

  // --- numbers and texts ---

  void push_long(std::string_view bytes) {
    if (bytes.size() > 8) return push(PickleBigInteger{bytes});
    uint64_t value = !bytes.empty() && static_cast<uint8_t>(bytes.back()) >= 0x80 ? ~uint64_t{0} : 0;
    for (size_t i = bytes.size(); i > 0; --i) value = value << 8 | static_cast<uint8_t>(bytes[i - 1]);
    push(static_cast<int64_t>(value));
  }
  void push_double(uint64_t big_endian) {
    uint64_t bits = 0;
    for (int i = 0; i < 8; ++i) bits = bits << 8 | (big_endian >> (8 * i) & 0xff);
    double value = 0;
    std::memcpy(&value, &bits, sizeof value);
    push(value);
  }
  // Protocol 0: "01" and "00" are bools, a long may end with L.
  void push_decimal(std::string_view text) {
    if (text == "01" || text == "00") return push(text == "01");
    if (text.ends_with('L')) text.remove_suffix(1);
    int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) refuse("a number was expected");
    push(value);
  }
  void push_decimal_float(std::string_view text) {
    double value = 0;
    if (std::from_chars(text.data(), text.data() + text.size(), value).ec != std::errc())
      refuse("a number was expected");
    push(value);
  }
  void push_quoted(std::string_view text) {
    if (text.size() < 2 || text.front() != text.back()) refuse("a quoted text was expected");
    push(std::string(text.substr(1, text.size() - 2)));
  }

  // --- the opcodes, by what pickletools calls them ---

  void step(uint8_t opcode) {
    if (step_control(opcode) || step_number(opcode) || step_text(opcode) || step_container(opcode) ||
        step_object(opcode))
      return;
    fail(ErrorCode::kUnsupported, "the pickle has the opcode 0x{:02x}, which is not read", opcode);
  }

  bool step_control(uint8_t opcode) {
    switch (opcode) {
      case 0x80:  // PROTO
        if (number(1) > 5) fail(ErrorCode::kUnsupported, "the pickle is of a protocol newer than 5");
        return true;
      case 0x95:  // FRAME
        take(8);
        return true;
      case '.':  // STOP
        done_ = true;
        return true;
      case '(':  // MARK
        check_room(marks_);
        marks_.push_back(stack_.size());
        return true;
      case '0':  // POP; a mark can be what is on top
        if (!marks_.empty() && marks_.back() == stack_.size())
          marks_.pop_back();
        else
          pop();
        return true;
      case '1':  // POP_MARK
        pop_to_mark();
        return true;
      case '2':  // DUP
        push(top());
        return true;
      case 'p':  // PUT
        remember(decimal(line()));
        return true;
      case 'q':  // BINPUT
        remember(number(1));
        return true;
      case 'r':  // LONG_BINPUT
        remember(number(4));
        return true;
      case 0x94:  // MEMOIZE
        remember(memo_.size());
        return true;
      case 'g':  // GET
        recall(decimal(line()));
        return true;
      case 'h':  // BINGET
        recall(number(1));
        return true;
      case 'j':  // LONG_BINGET
        recall(number(4));
        return true;
      default:
        return false;
    }
  }

  bool step_number(uint8_t opcode) {
    switch (opcode) {
      case 'N':
        push(PickleNone{});
        return true;
      case 0x88:  // NEWTRUE
      case 0x89:  // NEWFALSE
        push(opcode == 0x88);
        return true;
      case 'J':  // BININT
        push(int64_t{static_cast<int32_t>(number(4))});
        return true;
      case 'K':  // BININT1
        push(static_cast<int64_t>(number(1)));
        return true;
      case 'M':  // BININT2
        push(static_cast<int64_t>(number(2)));
        return true;
      case 'I':  // INT
      case 'L':  // LONG
        push_decimal(line());
        return true;
      case 0x8a:  // LONG1
        push_long(counted(1));
        return true;
      case 0x8b:  // LONG4
        push_long(counted(4));
        return true;
      case 'F':  // FLOAT
        push_decimal_float(line());
        return true;
      case 'G':  // BINFLOAT
        push_double(number(8));
        return true;
      default:
        return false;
    }
  }

  bool step_text(uint8_t opcode) {
    switch (opcode) {
      case 'X':  // BINUNICODE
        push(std::string(counted(4)));
        return true;
      case 0x8c:  // SHORT_BINUNICODE
        push(std::string(counted(1)));
        return true;
      case 0x8d:  // BINUNICODE8
        push(std::string(counted(8)));
        return true;
      case 'V':  // UNICODE
        push(std::string(line()));
        return true;
      case 'S':  // STRING
        push_quoted(line());
        return true;
      case 'T':  // BINSTRING: Python 2's str
        push(std::string(counted(4)));
        return true;
      case 'U':  // SHORT_BINSTRING
        push(std::string(counted(1)));
        return true;
      case 'B':  // BINBYTES
        push(PickleBytes{counted(4)});
        return true;
      case 'C':  // SHORT_BINBYTES
        push(PickleBytes{counted(1)});
        return true;
      case 0x8e:  // BINBYTES8
      case 0x96:  // BYTEARRAY8
        push(PickleBytes{counted(8)});
        return true;
      default:
        return false;
    }
  }

  bool step_container(uint8_t opcode) {
    switch (opcode) {
      case ']':   // EMPTY_LIST
      case ')':   // EMPTY_TUPLE
      case 0x8f:  // EMPTY_SET
        push(PickleList{});
        return true;
      case 'l':   // LIST
      case 't':   // TUPLE
      case 0x91:  // FROZENSET
        push(PickleList{pop_to_mark()});
        return true;
      case 0x85:  // TUPLE1 … TUPLE3
      case 0x86:
      case 0x87:
        push_tuple(opcode - 0x84);
        return true;
      case 'a': {  // APPEND
        PickleValue& element = pop();
        append(top(), {&element});
        return true;
      }
      case 'e':     // APPENDS
      case 0x90: {  // ADDITEMS
        const auto elements = pop_to_mark();
        append(top(), elements);
        return true;
      }
      case '}':  // EMPTY_DICT
        push(PickleDict{});
        return true;
      case 'd':  // DICT
        push_dict(pop_to_mark());
        return true;
      case 's': {  // SETITEM
        PickleValue& value = pop();
        PickleValue& key = pop();
        set_items(top(), {&key, &value});
        return true;
      }
      case 'u': {  // SETITEMS
        const auto pairs = pop_to_mark();
        set_items(top(), pairs);
        return true;
      }
      default:
        return false;
    }
  }

  bool step_object(uint8_t opcode) {
    switch (opcode) {
      case 'c':  // GLOBAL
        push(global_from_lines());
        return true;
      case 0x93:  // STACK_GLOBAL
        push_stacked_global();
        return true;
      case 'R':   // REDUCE
      case 0x81:  // NEWOBJ
        push_call();
        return true;
      case 0x92:  // NEWOBJ_EX
        push_call_with_keywords();
        return true;
      case 'i': {  // INST
        PickleValue& callable = make(global_from_lines());
        push_old_object(callable, pop_to_mark());
        return true;
      }
      case 'o': {  // OBJ
        auto values = pop_to_mark();
        if (values.empty()) refuse("an object has no class");
        PickleValue& callable = *values.front();
        values.erase(values.begin());
        push_old_object(callable, std::move(values));
        return true;
      }
      case 'b':  // BUILD
        build();
        return true;
      case 'P':  // PERSID
        push(PicklePersistent{&make(std::string(line()))});
        return true;
      case 'Q': {  // BINPERSID
        PickleValue& id = pop();
        push(PicklePersistent{&id});
        return true;
      }
      default:
        return false;
    }
  }

  PickleReader& reader_;
  std::vector<PickleValue*> stack_;
  std::vector<size_t> marks_;
  std::unordered_map<uint64_t, PickleValue*> memo_;
  bool done_ = false;
};

PickleReader::PickleReader(std::span<const std::byte> bytes)
    : text_(reinterpret_cast<const char*>(bytes.data()), bytes.size()) {}

const PickleValue& PickleReader::read() {
  return PickleMachine(*this).run();
}

std::string PickleValue::describe() const {
  if (as<PickleNone>()) return "None";
  if (as<bool>()) return "a bool";
  if (as<int64_t>() || as<PickleBigInteger>()) return "an integer";
  if (as<double>()) return "a float";
  if (as<std::string>()) return "a text";
  if (as<PickleBytes>()) return "bytes";
  if (const auto* list = as<PickleList>()) return fmt::format("a list of {}", list->elements.size());
  if (const auto* dict = as<PickleDict>()) return fmt::format("a dict of {}", dict->items.size());
  if (const auto* global = as<PickleGlobal>()) return fmt::format("'{}'", dotted(*global));
  if (const auto* object = as<PickleObject>())
    if (const auto* callable = object->callable->as<PickleGlobal>())
      return fmt::format("an object of '{}'", dotted(*callable));
  return as<PickleObject>() ? "an object" : "something that is kept elsewhere";
}

}  // namespace slipway::torch
