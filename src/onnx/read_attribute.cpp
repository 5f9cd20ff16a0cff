#include "onnx/read_attribute.hpp"

#include <algorithm>
#include <cstring>

#include "base/error.hpp"
#include "onnx/attribute_fields.hpp"
#include "onnx/read_graph.hpp"
#include "onnx/read_tensor.hpp"
#include "onnx/read_type.hpp"
#include "onnx/stated_fields.hpp"

namespace slipway {

const AttributeField& field_of(Attribute::Kind kind) {
  return *std::find_if(kAttributeFields.begin(), kAttributeFields.end(),
                       [&](const AttributeField& field) { return field.kind == kind; });
}

namespace {

using Field = onnx_field::Attribute;

bool is_content(const MessageReader& at, const AttributeField& field) {
  if (at.key() == field_key(field.number, field.wire)) return true;
  return field.is_list && at.key() == length_key(field.number);  // packed numbers
}

// The first pass: everything but the content.
struct Header {
  std::string name;
  std::string reference;
  std::string_view type;  // the field as it stands
  int32_t type_number = 0;
  // Of the contents that are there, the first in the table: no matter in what order they were written.
  const AttributeField* found = nullptr;

  explicit Header(std::string_view message) {
    for (MessageReader at(message); at.next();) {
      switch (at.key()) {
        case length_key(Field::kName):
          name = at.view();
          break;
        case length_key(Field::kReference):
          reference = at.view();
          break;
        case varint_key(Field::kKind):
          type = at.raw();
          type_number = at.int32();
          break;
        default:
          note_content(at);
      }
    }
  }

  void note_content(const MessageReader& at) {
    for (const AttributeField& field : kAttributeFields)
      if (is_content(at, field) && (!found || &field < found)) found = &field;
  }

  // nullptr when neither the type nor any content says what it is.
  const AttributeField* field() const {
    if (type_number == 0) return found;
    for (const AttributeField& candidate : kAttributeFields)
      if (candidate.type == type_number) return &candidate;
    fail(
        ErrorCode::kInvalidModel,
        "type {} is none that ONNX 1.22 defines (1 to {}): the file is damaged or newer than this version of "
        "Slipway",
        type_number, kAttributeFields.size());
  }
};

class ContentReader {
 public:
  // `preserved` takes what the content cannot say: how a type is spelled.
  ContentReader(const AttributeField& field, Node* owner, ReadContext& context, Preserved& preserved)
      : field_(field), owner_(owner), context_(context), preserved_(preserved) {}

  // Takes in one field that holds content.
  void take(const MessageReader& at) {
    if (!field_.is_list && field_.wire == WireType::kLength && field_.kind != Attribute::Kind::kString) {
      set_once(at, "its content", message_);
      if (field_.kind == Attribute::Kind::kType) read_spelled_type(at);
      return;
    }
    switch (field_.kind) {
      case Attribute::Kind::kFloat:
        content_ = at.float32();
        break;
      case Attribute::Kind::kInt:
        content_ = at.int64();
        break;
      case Attribute::Kind::kString:
        content_ = std::string(at.view());
        break;
      default:
        take_element(at);
    }
  }

  bool empty() const { return content_.index() == 0 && !message_; }

  Attribute::Content finish() {
    if (message_) return read_message(*message_);
    if (content_.index() == 0) return default_content();
    return std::move(content_);
  }

 private:
  template <typename T>
  std::vector<T>& list() {
    if (content_.index() == 0) content_ = std::vector<T>();
    return std::get<std::vector<T>>(content_);
  }

  void take_element(const MessageReader& at) {
    switch (field_.kind) {
      case Attribute::Kind::kFloats:
        take_floats(at.view());
        break;
      case Attribute::Kind::kInts:
        take_ints(at);
        break;
      case Attribute::Kind::kStrings:
        list<std::string>().emplace_back(at.view());
        break;
      case Attribute::Kind::kTensors:
        list<Constant>().push_back(read_stated_tensor(at.view()));
        break;
      case Attribute::Kind::kGraphs:
        list<std::unique_ptr<Graph>>().push_back(read_subgraph(at.view(), owner_, context_));
        break;
      case Attribute::Kind::kSparseTensors:
        list<SparseTensor>().push_back(read_sparse_tensor(at.view(), context_));
        break;
      case Attribute::Kind::kTypes:
        list<Type>().push_back(read_spelled_type(at));
        break;
      default:
        fail(ErrorCode::kInternal, "attributes of kind {} are no lists", name_of(field_.kind));
    }
  }

  void take_floats(std::string_view bytes) {
    if (bytes.size() % sizeof(float) != 0)
      fail(ErrorCode::kInvalidModel, "its floats have {} bytes, which is no multiple of 4", bytes.size());
    auto& floats = list<float>();
    const size_t before = floats.size();
    floats.resize(before + bytes.size() / sizeof(float));
    if (!bytes.empty()) std::memcpy(floats.data() + before, bytes.data(), bytes.size());
  }

  void take_ints(const MessageReader& at) {
    auto& ints = list<int64_t>();
    if (at.type() == WireType::kVarint) {
      ints.push_back(at.int64());
    } else {
      for (std::string_view packed = at.view(); !packed.empty();)
        ints.push_back(static_cast<int64_t>(take_varint(packed)));
    }
  }

  Type read_spelled_type(const MessageReader& at) {
    preserved_.append(at.raw());
    return read_type(at.view());
  }

  // Like an initializer, it must be something to calculate with.
  Constant read_stated_tensor(std::string_view message) {
    Constant constant = read_tensor(message, context_);
    if (!constant.tensor.defined()) fail(ErrorCode::kInvalidModel, "its tensor has neither type nor data");
    return constant;
  }

  Attribute::Content read_message(std::string_view message) {
    switch (field_.kind) {
      case Attribute::Kind::kTensor:
        return Boxed<Constant>(read_stated_tensor(message));
      case Attribute::Kind::kGraph:
        return read_subgraph(message, owner_, context_);
      case Attribute::Kind::kSparseTensor:
        return Boxed<SparseTensor>(read_sparse_tensor(message, context_));
      default:
        return Boxed<Type>(read_type(message));
    }
  }

  // Writers of proto3 leave out a 0 or an empty string or list.
  Attribute::Content default_content() {
    switch (field_.kind) {
      case Attribute::Kind::kFloat:
        return 0.0f;
      case Attribute::Kind::kInt:
        return int64_t{0};
      case Attribute::Kind::kString:
        return std::string();
      case Attribute::Kind::kFloats:
        return std::vector<float>();
      case Attribute::Kind::kInts:
        return std::vector<int64_t>();
      case Attribute::Kind::kStrings:
        return std::vector<std::string>();
      case Attribute::Kind::kTensors:
        return std::vector<Constant>();
      case Attribute::Kind::kGraphs:
        return Attribute::Graphs();
      case Attribute::Kind::kSparseTensors:
        return std::vector<SparseTensor>();
      case Attribute::Kind::kTypes:
        return std::vector<Type>();
      default:
        fail(ErrorCode::kInvalidModel, "its type is {}, but no {} is there", name_of(field_.kind),
             name_of(field_.kind));
    }
  }

  const AttributeField& field_;
  Node* owner_;
  ReadContext& context_;
  Preserved& preserved_;
  Attribute::Content content_;
  std::optional<std::string_view> message_;
};

// Does the attribute itself say what this field says?
bool is_held(const MessageReader& at, const AttributeField* field) {
  switch (at.key()) {
    case varint_key(Field::kKind):
      return field != nullptr;
    case length_key(Field::kName):
    case length_key(Field::kReference):
      return !at.view().empty();
    default:
      return false;
  }
}

// The second pass: the content, and keeping what is neither header nor content.
Attribute read_fields(std::string_view message, const Header& header, Node* owner, ReadContext& context) {
  const AttributeField* field = header.field();
  Preserved preserved;
  std::optional<ContentReader> content;
  if (field && header.reference.empty()) content.emplace(*field, owner, context, preserved);
  for (MessageReader at(message); at.next();) {
    if (content && is_content(at, *field))
      content->take(at);
    else if (!is_held(at, field))
      preserved.append(at.raw());
  }
  // A scalar that is not there although its type is: the type is preserved in its stead, see write_attribute.
  if (content && content->empty() && !field->is_list) preserved.append(header.type);
  const auto kind = field ? field->kind : Attribute::Kind::kUndefined;
  Attribute attribute = header.reference.empty()
                            ? Attribute(header.name, content ? content->finish() : Attribute::Content())
                            : Attribute::reference(header.name, header.reference, kind);
  attribute.preserved = std::move(preserved);
  return attribute;
}

}  // namespace

Attribute read_attribute(std::string_view message, Node* owner, ReadContext& context) {
  const Header header(message);
  return with_context([&] { return fmt::format("attribute '{}'", shown(header.name)); },
                      [&] { return read_fields(message, header, owner, context); });
}

}  // namespace slipway
