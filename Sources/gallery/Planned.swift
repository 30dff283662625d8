/// Keeps the plan that a command's `validate` makes of its options until `run`, so that they are read once.
/// ArgumentParser takes a property of this type as it is: it is no option.
struct Planned<Plan>: Decodable {
  var plan: Plan?

  init() {}
  init(from decoder: any Decoder) {}
}
