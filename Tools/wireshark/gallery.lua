-- Wireshark and tshark: gallery's chunked protocol over UDP (Specs/chunked-udp.md), version 2.
--
-- Install: copy or link this file into the folder "Personal Lua Plugins" (Help, About, Folders), or name it for one run:
--   tshark -X lua_script:Tools/wireshark/gallery.lua -r run.pcap
-- Datagrams are known by their port (25000; see the preferences) or, on any other port, by magic byte, version and type.
-- Filters to start with:
--   gallery.flags.repair == 1          gallery.type == "NACK"          gallery.chunk == 17
--   gallery.repair or gallery.duplicate or gallery.resent or gallery.checksum.bad      (expert information)
--
-- A capture taken on the sending host shows trains: the kernel cuts them into datagrams behind the capture's point
-- (GSO). Such a train is dissected datagram by datagram; "train" in the info column says how many there are.

local gallery = Proto("gallery", "Gallery chunked protocol")
local bit = bit or bit32

gallery.prefs.ports = Pref.range("UDP ports", "25000", "Ports whose datagrams are taken for gallery's", 65535)
gallery.prefs.verify = Pref.bool("Verify the CRC32", true, "Compute the CRC32 of each datagram")

-- Fields ----------------------------------------------------------------------------------------------------------

local types = {
  [1] = "announce", [2] = "join", [3] = "data", [4] = "parity", [5] = "NACK", [6] = "repair notice", [7] = "report",
  [8] = "end", [9] = "complete", [10] = "close", [11] = "abort",
}
local statuses = {
  [0] = "whole", [1] = "some files failed verification", [2] = "could not store", [3] = "ended by the user",
}
local reasons = {
  [0] = "unspecified", [1] = "ended by the user", [2] = "version mismatch", [3] = "file changed while sent",
  [4] = "cannot read", [5] = "cannot store", [6] = "too slow", [7] = "refused", [8] = "limit exceeded",
  [9] = "internal", [10] = "timeout",
}
local checksum_states = { [0] = "bad", [1] = "good", [2] = "not verified" }

local f = {
  magic = ProtoField.uint8("gallery.magic", "Magic", base.HEX),
  version = ProtoField.uint8("gallery.version", "Version"),
  type = ProtoField.uint8("gallery.type", "Type", base.DEC, types),
  flags = ProtoField.uint8("gallery.flags", "Flags", base.HEX),
  repair_flag = ProtoField.bool("gallery.flags.repair", "Repair", 8, nil, 0x01, "Sent again, or parity, to repair a loss"),
  alternate = ProtoField.bool("gallery.flags.alternate", "Alternate body form", 8, nil, 0x02, "NACK: bitmap; notice: parity"),
  provisional = ProtoField.bool("gallery.flags.provisional", "Provisional", 8, nil, 0x04, "Announce: padded probe of the path"),
  rest = ProtoField.bool("gallery.flags.rest", "All that is lacking", 8, nil, 0x10, "NACK: what it does not name need not be sent"),
  counts_marks = ProtoField.bool("gallery.flags.counts_marks", "Counts marks", 8, nil, 0x20, "Join, report: the CE count is meant"),
  symbols = ProtoField.bool("gallery.flags.symbols", "Symbols do as well", 8, nil, 0x08, "NACK: parity of the blocks repairs, too"),
  session = ProtoField.uint64("gallery.session", "Session", base.HEX),
  packet = ProtoField.uint32("gallery.packet_number", "Packet number (low 32 bits)"),
  checksum = ProtoField.uint32("gallery.checksum", "CRC32", base.HEX),
  computed = ProtoField.uint32("gallery.checksum.computed", "Computed CRC32", base.HEX),
  checksum_status = ProtoField.uint8("gallery.checksum.status", "CRC32 status", base.DEC, checksum_states),
  chunk = ProtoField.uint32("gallery.chunk", "Chunk index"),
  timestamp = ProtoField.uint32("gallery.timestamp", "Timestamp (µs)"),
  echo = ProtoField.uint32("gallery.echo", "Echoed timestamp (µs)"),
  hold = ProtoField.uint32("gallery.hold", "Hold time (µs)"),
  grtt = ProtoField.uint8("gallery.grtt", "GRTT code"),
  grtt_seconds = ProtoField.double("gallery.grtt.seconds", "GRTT (s)"),
  reserved = ProtoField.bytes("gallery.reserved", "Reserved"),
  payload = ProtoField.bytes("gallery.payload", "Payload"),
  payload_length = ProtoField.uint32("gallery.payload.length", "Payload bytes"),
  padding = ProtoField.bytes("gallery.padding", "Padding"),
  receiver = ProtoField.uint64("gallery.receiver", "Receiver", base.HEX),
  highest = ProtoField.uint32("gallery.highest_packet_number", "Highest packet number seen"),
  set_identity = ProtoField.bytes("gallery.announce.set", "Set identity (XXH3-128 of the manifest)"),
  total_bytes = ProtoField.uint64("gallery.announce.file_bytes", "File bytes"),
  file_chunks = ProtoField.uint64("gallery.announce.file_chunks", "File chunks"),
  manifest_bytes = ProtoField.uint32("gallery.announce.manifest_bytes", "Manifest bytes"),
  files = ProtoField.uint32("gallery.announce.files", "Files"),
  group_size = ProtoField.uint32("gallery.announce.group_size", "Group size (receivers)"),
  chunk_bytes = ProtoField.uint16("gallery.announce.chunk_bytes", "Chunk bytes"),
  options = ProtoField.uint8("gallery.announce.options", "Options", base.HEX),
  option_group = ProtoField.bool("gallery.announce.options.group", "Group: NACKs use backoff", 8, nil, 0x01),
  option_one_way = ProtoField.bool("gallery.announce.options.one_way", "One way: send nothing back", 8, nil, 0x02),
  option_parity = ProtoField.bool("gallery.announce.options.parity", "Parity may be sent", 8, nil, 0x04),
  option_keyed = ProtoField.bool("gallery.announce.options.keyed", "Keyed (reserved)", 8, nil, 0x08),
  option_signed = ProtoField.bool("gallery.announce.options.signed", "Signed by the sender", 8, nil, 0x10),
  block_stride = ProtoField.uint8("gallery.block_stride", "Distance between chunks of a block"),
  block_chunks = ProtoField.uint8("gallery.block_chunks", "Chunks in a block (k)"),
  max_parity = ProtoField.uint8("gallery.announce.max_parity", "Parity symbols of a block, at most"),
  representatives = ProtoField.uint8("gallery.announce.representatives", "Receivers that report often"),
  salt = ProtoField.bytes("gallery.announce.salt", "Salt (reserved)"),
  key_check = ProtoField.bytes("gallery.announce.key_check", "Key check (reserved)"),
  buffer_bytes = ProtoField.uint32("gallery.join.receive_buffer", "Receive buffer bytes"),
  largest = ProtoField.uint16("gallery.join.largest_announce", "Largest announce received (bytes)"),
  text_length = ProtoField.uint8("gallery.text.length", "Text bytes"),
  text = ProtoField.string("gallery.text", "Text"),
  symbol = ProtoField.uint8("gallery.parity.symbol", "Symbol index"),
  count = ProtoField.uint16("gallery.count", "Count"),
  first = ProtoField.uint32("gallery.range.first", "First chunk"),
  range_count = ProtoField.uint32("gallery.range.count", "Chunks"),
  range_packet = ProtoField.uint32("gallery.range.packet_number", "First packet number"),
  bitmap = ProtoField.bytes("gallery.nack.bitmap", "Bitmap (bit 7 of the first byte is the base; 1 = missing)"),
  missing = ProtoField.uint32("gallery.nack.missing", "Chunks asked for"),
  clock = ProtoField.uint32("gallery.report.clock", "Receiver's clock (µs)"),
  drops = ProtoField.uint32("gallery.report.socket_drops", "Dropped at the receiver's socket"),
  received = ProtoField.uint64("gallery.report.datagrams", "Distinct datagrams received"),
  received_bytes = ProtoField.uint64("gallery.report.bytes", "Their UDP payload bytes"),
  held = ProtoField.uint64("gallery.report.chunks_held", "Chunks held"),
  duplicates = ProtoField.uint64("gallery.report.duplicates", "Duplicates received"),
  marks = ProtoField.uint32("gallery.report.congestion_marks", "Datagrams that came marked CE (with the flag: counts marks)"),
  missing_space = ProtoField.uint32("gallery.report.missing_space", "Missing space of a full disk (KiB)"),
  induced = ProtoField.uint32("gallery.close.induced_drops", "Dropped on purpose by the sender"),
  round = ProtoField.uint32("gallery.end.round", "Round"),
  total_chunks = ProtoField.uint64("gallery.end.chunks", "Chunks of the session"),
  verified = ProtoField.uint32("gallery.complete.verified", "Files verified"),
  failed = ProtoField.uint32("gallery.complete.failed", "Files failed"),
  status = ProtoField.uint8("gallery.complete.status", "Status", base.DEC, statuses),
  reason = ProtoField.uint8("gallery.abort.reason", "Reason", base.DEC, reasons),
  same_packet = ProtoField.framenum("gallery.duplicate_of", "Same packet number first seen in", base.NONE, frametype.RETRANS_PREV),
  first_sending = ProtoField.framenum("gallery.repair_of", "Chunk first sent in", base.NONE, frametype.RETRANS_PREV),
  asked_in = ProtoField.framenum("gallery.asked_for_in", "Last asked for by the NACK in", base.NONE, frametype.REQUEST),
  times_sent = ProtoField.uint32("gallery.times_sent", "Sendings of this chunk so far"),
}
gallery.fields = f

local e = {
  repair = ProtoExpert.new("gallery.repair", "Repair", expert.group.SEQUENCE, expert.severity.NOTE),
  duplicate = ProtoExpert.new("gallery.duplicate", "Duplicate: this packet number was seen before", expert.group.SEQUENCE,
    expert.severity.WARN),
  resent = ProtoExpert.new("gallery.resent", "Chunk sent again without the repair flag", expert.group.SEQUENCE,
    expert.severity.WARN),
  checksum = ProtoExpert.new("gallery.checksum.bad", "CRC32 is wrong", expert.group.CHECKSUM, expert.severity.ERROR),
  asks = ProtoExpert.new("gallery.asks", "NACK: the receiver misses chunks", expert.group.SEQUENCE, expert.severity.CHAT),
  abort = ProtoExpert.new("gallery.aborted", "Session aborted", expert.group.RESPONSE_CODE, expert.severity.WARN),
  failed = ProtoExpert.new("gallery.incomplete", "Receiver did not get everything", expert.group.RESPONSE_CODE,
    expert.severity.WARN),
  version = ProtoExpert.new("gallery.version.unknown", "Unknown version", expert.group.UNDECODED, expert.severity.WARN),
  unknown = ProtoExpert.new("gallery.type.unknown", "Unknown message type", expert.group.UNDECODED, expert.severity.WARN),
  malformed = ProtoExpert.new("gallery.malformed", "Not what the specification allows", expert.group.MALFORMED,
    expert.severity.ERROR),
}
gallery.experts = { e.repair, e.duplicate, e.resent, e.checksum, e.asks, e.abort, e.failed, e.version, e.unknown, e.malformed }

-- CRC32 -----------------------------------------------------------------------------------------------------------

local crc_table = {}
for n = 0, 255 do
  local c = n
  for _ = 1, 8 do
    c = (c % 2 == 1) and bit.bxor(bit.rshift(c, 1), 0xEDB88320) or bit.rshift(c, 1)
  end
  crc_table[n] = c
end

local function crc_run(c, bytes)
  local bxor, rshift, band, byte, crcs = bit.bxor, bit.rshift, bit.band, string.byte, crc_table
  local whole = #bytes - #bytes % 4
  for i = 1, whole, 4 do
    local b1, b2, b3, b4 = byte(bytes, i, i + 3)
    c = bxor(rshift(c, 8), crcs[band(bxor(c, b1), 0xFF)])
    c = bxor(rshift(c, 8), crcs[band(bxor(c, b2), 0xFF)])
    c = bxor(rshift(c, 8), crcs[band(bxor(c, b3), 0xFF)])
    c = bxor(rshift(c, 8), crcs[band(bxor(c, b4), 0xFF)])
  end
  for i = whole + 1, #bytes do c = bxor(rshift(c, 8), crcs[band(bxor(c, byte(bytes, i)), 0xFF)]) end
  return c
end

-- The body first, then the header with its own checksum as zero: Specs/chunked-udp.md, "Checksum".
local function checksum(bytes)
  local kind = string.byte(bytes, 3)
  local header = (kind == 3 or kind == 4) and 32 or 20
  local c = crc_run(-1, bytes:sub(header + 1))
  c = crc_run(c, bytes:sub(1, 16) .. "\0\0\0\0" .. bytes:sub(21, header))
  return bit.bnot(c) % 4294967296
end

local function big_endian(bytes, at)
  local a, b, c, d = bytes:byte(at + 1, at + 4)
  return ((a * 256 + b) * 256 + c) * 256 + d
end

-- What the capture has shown so far -------------------------------------------------------------------------------

local sessions, findings = {}, {}
function gallery.init() sessions, findings = {}, {} end

local function session_of(name)
  local session = sessions[name]
  if not session then
    session = { packets = {}, first = {}, times = {}, asked = {} }
    sessions[name] = session
  end
  return session
end

-- What a datagram means beside those before it; found once, in the order of the capture.
local function find(bytes, pinfo, key)
  local found = findings[key]
  if found then return found end
  found = { computed = gallery.prefs.verify and checksum(bytes) or nil }
  findings[key] = found
  found.good = found.computed == nil or found.computed == big_endian(bytes, 16)
  if not found.good then return found end
  local session = session_of(bytes:sub(5, 12))
  local kind, flags = bytes:byte(3, 4)
  local packet = tostring(pinfo.src) .. "/" .. pinfo.src_port .. "/" .. big_endian(bytes, 12)
  found.duplicate_of = session.packets[packet]
  if found.duplicate_of then return found end
  session.packets[packet] = pinfo.number
  if kind == 3 then
    local chunk = big_endian(bytes, 20)
    found.first_sending = session.first[chunk]
    found.asked_in = session.asked[chunk]
    found.times = (session.times[chunk] or 0) + 1
    found.resent = found.first_sending ~= nil and flags % 2 == 0
    session.times[chunk] = found.times
    session.first[chunk] = found.first_sending or pinfo.number
  end
  return found
end

local function remember_asked(session_name, first, count, frame)
  local asked = session_of(session_name).asked
  for chunk = first, first + math.min(count, 100000) - 1 do asked[chunk] = frame end
end

-- Bodies: each takes the datagram's range, the tree, and what the header said; returns the text for the info column ---

local function text_field(range, tree, at)
  local length = range(at, 1):uint()
  tree:add(f.text_length, range(at, 1))
  if length > 0 then tree:add(f.text, range(at + 1, length)) end
  return length > 0 and range(at + 1, length):string() or ""
end

local function grtt(range, tree, at)
  local q = range(at, 1):uint()
  tree:add(f.grtt, range(at, 1))
  local seconds = q < 31 and (q + 1) * 1e-6 or 1000 / math.exp((255 - q) / 13)
  tree:add(f.grtt_seconds, range(at, 1), seconds):set_generated()
end

local function feedback(range, tree) -- the head of what receivers say about what they saw
  tree:add(f.receiver, range(20, 8))
  tree:add(f.highest, range(28, 4))
  tree:add(f.echo, range(32, 4))
  tree:add(f.hold, range(36, 4))
end

local bodies, least = {}, { 100, 43, 33, 33, 45, 40, 88, 40, 46, 36, 30 }

bodies[1] = function(range, tree)
  tree:add(f.set_identity, range(20, 16))
  tree:add(f.total_bytes, range(36, 8))
  tree:add(f.file_chunks, range(44, 8))
  tree:add(f.manifest_bytes, range(52, 4))
  tree:add(f.files, range(56, 4))
  tree:add(f.group_size, range(60, 4))
  tree:add(f.timestamp, range(64, 4))
  tree:add(f.chunk_bytes, range(68, 2))
  local options = tree:add(f.options, range(70, 1))
  for _, field in ipairs({ f.option_group, f.option_one_way, f.option_parity, f.option_keyed, f.option_signed }) do
    options:add(field, range(70, 1))
  end
  grtt(range, tree, 71)
  tree:add(f.block_chunks, range(72, 1))
  tree:add(f.max_parity, range(73, 1))
  tree:add(f.block_stride, range(74, 1))
  tree:add(f.reserved, range(75, 1))
  tree:add(f.representatives, range(75, 1))
  tree:add(f.salt, range(76, 16))
  tree:add(f.key_check, range(92, 8))
  if range:len() > 100 then tree:add(f.padding, range(100)) end
  local text = string.format("%d files, %s bytes, chunks of %d", range(56, 4):uint(), range(36, 8):uint64(), range(68, 2):uint())
  if range:len() > 100 then text = text .. string.format(", padded to %d", range:len()) end
  return bit.band(range(3, 1):uint(), 4) ~= 0 and text .. ", provisional" or text
end

bodies[2] = function(range, tree)
  tree:add(f.receiver, range(20, 8))
  tree:add(f.echo, range(28, 4))
  tree:add(f.hold, range(32, 4))
  tree:add(f.buffer_bytes, range(36, 4))
  tree:add(f.largest, range(40, 2))
  return text_field(range, tree, 42)
end

bodies[3] = function(range, tree, found)
  tree:add(f.chunk, range(20, 4))
  tree:add(f.timestamp, range(24, 4))
  grtt(range, tree, 28)
  tree:add(f.reserved, range(29, 3))
  tree:add(f.payload_length, range(32), range:len() - 32):set_generated()
  tree:add(f.payload, range(32))
  if found.times then tree:add(f.times_sent, found.times):set_generated() end
  return "chunk " .. range(20, 4):uint()
end

bodies[4] = function(range, tree)
  tree:add(f.chunk, range(20, 4)):append_text(" (the first of its block)")
  tree:add(f.timestamp, range(24, 4))
  grtt(range, tree, 28)
  tree:add(f.symbol, range(29, 1))
  tree:add(f.block_chunks, range(30, 1))
  tree:add(f.block_stride, range(31, 1))
  tree:add(f.payload, range(32))
  return string.format("block %d symbol %d", range(20, 4):uint(), range(29, 1):uint())
end

local function asked_text(ranges, missing)
  local more = #ranges > 4 and " …" or ""
  return string.format("misses %d: %s%s", missing, table.concat(ranges, " ", 1, math.min(#ranges, 4)), more)
end
local function span(first, count) return count == 1 and tostring(first) or first .. "–" .. first + count - 1 end

local function nack_ranges(range, tree, note)
  local count, ranges, missing = range(40, 2):uint(), {}, 0
  tree:add(f.count, range(40, 2))
  for i = 0, count - 1 do
    local entry = range(42 + 8 * i, 8)
    local first, chunks = entry(0, 4):uint(), entry(4, 4):uint()
    local branch = tree:add(gallery, entry, "Missing " .. span(first, chunks))
    branch:add(f.first, entry(0, 4))
    branch:add(f.range_count, entry(4, 4))
    missing = missing + chunks
    ranges[#ranges + 1] = span(first, chunks)
    note(first, chunks)
  end
  return ranges, missing
end

local function nack_bitmap(range, tree, note)
  local base_chunk, ranges, missing, first = range(40, 4):uint(), {}, 0, nil
  tree:add(f.first, range(40, 4))
  tree:add(f.bitmap, range(44))
  local bitmap = range:raw(44)
  for i = 0, 8 * #bitmap do -- one beyond the last bit, to close a run that ends with it
    local byte = i < 8 * #bitmap and bitmap:byte(math.floor(i / 8) + 1) or 0
    local isMissing = math.floor(byte / 2 ^ (7 - i % 8)) % 2 == 1
    if isMissing and not first then first = i end
    if not isMissing and first then
      ranges[#ranges + 1] = span(base_chunk + first, i - first)
      missing = missing + i - first
      note(base_chunk + first, i - first)
      first = nil
    end
  end
  return ranges, missing
end

bodies[5] = function(range, tree, found, pinfo)
  feedback(range, tree)
  local session = range:raw(4, 8)
  local function note(first, count)
    if not pinfo.visited then remember_asked(session, first, count, pinfo.number) end
  end
  local isBitmap = bit.band(range(3, 1):uint(), 2) ~= 0
  local ranges, missing = (isBitmap and nack_bitmap or nack_ranges)(range, tree, note)
  tree:add(f.missing, missing):set_generated()
  tree:add_proto_expert_info(e.asks)
  return asked_text(ranges, missing)
end

bodies[6] = function(range, tree)
  tree:add(f.timestamp, range(20, 4))
  grtt(range, tree, 24)
  tree:add(f.reserved, range(25, 1))
  tree:add(f.count, range(26, 2))
  local isParity, texts = bit.band(range(3, 1):uint(), 2) ~= 0, {}
  for i = 0, range(26, 2):uint() - 1 do
    local entry = range(28 + 12 * i, 12)
    local first, count, packet = entry(0, 4):uint(), entry(4, 4):uint(), entry(8, 4):uint()
    local what = isParity and string.format("block %d, %d symbols", first, count) or span(first, count)
    local branch = tree:add(gallery, entry, string.format("%s by pn %s", what, span(packet, count)))
    branch:add(f.first, entry(0, 4))
    branch:add(f.range_count, entry(4, 4))
    branch:add(f.range_packet, entry(8, 4))
    texts[#texts + 1] = what
  end
  return "repairs " .. table.concat(texts, " ", 1, math.min(#texts, 4)) .. (#texts > 4 and " …" or "")
end

bodies[7] = function(range, tree)
  feedback(range, tree)
  tree:add(f.clock, range(40, 4))
  tree:add(f.drops, range(44, 4))
  for i, field in ipairs({ f.received, f.received_bytes, f.held, f.duplicates }) do tree:add(field, range(40 + 8 * i, 8)) end
  tree:add(f.marks, range(80, 4))
  tree:add(f.missing_space, range(84, 4))
  return string.format("highest pn %d, holds %s", range(28, 4):uint(), range(64, 8):uint64())
end

bodies[8] = function(range, tree)
  tree:add(f.round, range(20, 4))
  tree:add(f.timestamp, range(24, 4))
  tree:add(f.total_chunks, range(28, 8))
  grtt(range, tree, 36)
  tree:add(f.reserved, range(37, 3))
  return string.format("round %d, %s chunks", range(20, 4):uint(), range(28, 8):uint64())
end

bodies[9] = function(range, tree)
  tree:add(f.receiver, range(20, 8))
  tree:add(f.echo, range(28, 4))
  tree:add(f.hold, range(32, 4))
  tree:add(f.verified, range(36, 4))
  tree:add(f.failed, range(40, 4))
  tree:add(f.status, range(44, 1))
  local status, text = range(44, 1):uint(), text_field(range, tree, 45)
  if status ~= 0 then tree:add_proto_expert_info(e.failed, "Receiver: " .. (statuses[status] or status) .. " " .. text) end
  return string.format("%s, %d files verified", statuses[status] or status, range(36, 4):uint())
end

bodies[10] = function(range, tree)
  local count = range(20, 2):uint()
  tree:add(f.count, range(20, 2))
  tree:add(f.reserved, range(22, 2))
  tree:add(f.induced, range(24, 4))
  for i = 0, count - 1 do tree:add(f.receiver, range(28 + 8 * i, 8)) end
  return count .. (count == 1 and " receiver" or " receivers")
end

bodies[11] = function(range, tree)
  tree:add(f.receiver, range(20, 8))
  tree:add(f.reason, range(28, 1))
  local text = text_field(range, tree, 29)
  tree:add_proto_expert_info(e.abort, "Aborted: " .. text)
  return (reasons[range(28, 1):uint()] or "unknown reason") .. (text ~= "" and ": " .. text or "")
end

-- One datagram ----------------------------------------------------------------------------------------------------

local function add_header(range, tree)
  tree:add(f.magic, range(0, 1))
  tree:add(f.version, range(1, 1))
  tree:add(f.type, range(2, 1))
  local flags = tree:add(f.flags, range(3, 1))
  for _, field in ipairs({ f.repair_flag, f.alternate, f.provisional, f.symbols, f.rest, f.counts_marks }) do flags:add(field, range(3, 1)) end
  tree:add(f.session, range(4, 8))
  tree:add(f.packet, range(12, 4))
end

local function add_findings(range, tree, found)
  local field, state = tree:add(f.checksum, range(16, 4)), 2
  if found.computed then
    state = found.good and 1 or 0
    tree:add(f.computed, range(16, 4), found.computed):set_generated()
    if not found.good then field:add_proto_expert_info(e.checksum) end
  end
  tree:add(f.checksum_status, range(16, 4), state):set_generated()
  if found.duplicate_of then
    tree:add(f.same_packet, found.duplicate_of):set_generated()
    tree:add_proto_expert_info(e.duplicate)
  end
  if found.first_sending then tree:add(f.first_sending, found.first_sending):set_generated() end
  if found.asked_in then tree:add(f.asked_in, found.asked_in):set_generated() end
  if found.resent then tree:add_proto_expert_info(e.resent) end
end

-- Returns the text for the info column.
local function dissect_one(range, pinfo, root, index)
  local tree = root:add(gallery, range)
  if range(1, 1):uint() ~= 2 then
    tree:add(f.magic, range(0, 1))
    tree:add(f.version, range(1, 1)):add_proto_expert_info(e.version)
    return "unknown version " .. range(1, 1):uint()
  end
  local kind = range(2, 1):uint()
  local found = find(range:raw(), pinfo, pinfo.number .. "/" .. index)
  add_header(range, tree)
  add_findings(range, tree, found)
  local name = types[kind]
  if not name then
    tree:add_proto_expert_info(e.unknown)
    return "unknown type " .. kind
  end
  local info = string.upper(name)
  if range:len() < least[kind] then
    tree:add_proto_expert_info(e.malformed, string.format("%d bytes, needs %d", range:len(), least[kind]))
    info = info .. " truncated"
  else
    local ok, text = pcall(bodies[kind], range, tree, found, pinfo)
    if not ok then
      tree:add_proto_expert_info(e.malformed, "its counts go beyond its end")
      text = "malformed"
    end
    info = info .. " " .. text
  end
  if bit.band(range(3, 1):uint(), 1) ~= 0 and (kind == 3 or kind == 4) then
    tree:add_proto_expert_info(e.repair)
    info = info .. " repair"
  end
  info = info .. " pn " .. range(12, 4):uint()
  if found.duplicate_of then info = info .. " [duplicate]" end
  if found.resent then info = info .. " [sent again, no repair flag]" end
  if not found.good then info = info .. " [bad CRC32]" end
  tree:append_text(", " .. info)
  return info
end

-- A train: the same first 12 bytes again, and a CRC32 that is right for what is before them.
local function segment_byte_count(bytes)
  if bytes:byte(3) ~= 3 or #bytes < 66 then return #bytes end
  local head, next_header = bytes:sub(1, 12), 33
  for _ = 1, 4 do
    next_header = bytes:find(head, next_header + 1, true)
    if not next_header then break end
    if checksum(bytes:sub(1, next_header - 1)) == big_endian(bytes, 16) then return next_header - 1 end
  end
  return #bytes
end

function gallery.dissector(tvb, pinfo, root)
  if tvb:len() < 20 or tvb(0, 1):uint() ~= 0x47 then return 0 end
  pinfo.cols.protocol = "Gallery"
  if tvb:captured_len() < tvb:reported_len() then -- cut by the capture's snapshot length
    pinfo.cols.info = string.format("%s (not captured whole)", string.upper(types[tvb(2, 1):uint()] or "unknown type"))
    add_header(tvb(), root:add(gallery, tvb()))
    return tvb:len()
  end
  local segment = segment_byte_count(tvb:raw())
  local infos = {}
  for start = 0, tvb:len() - 1, segment do
    local range = tvb(start, math.min(segment, tvb:len() - start))
    if range:len() < 20 then break end
    infos[#infos + 1] = dissect_one(range, pinfo, root, #infos)
  end
  if #infos == 1 then
    pinfo.cols.info = infos[1]
  else
    pinfo.cols.info = string.format("%s … %s (train of %d)", infos[1], infos[#infos], #infos)
  end
  return tvb:len()
end

local function heuristic(tvb, pinfo, root)
  if tvb:len() < 20 or tvb(0, 1):uint() ~= 0x47 or tvb(1, 1):uint() ~= 2 then return false end
  local minimum = least[tvb(2, 1):uint()]
  if not minimum or tvb:reported_len() < minimum then return false end
  gallery.dissector(tvb, pinfo, root)
  pinfo.conversation = gallery
  return true
end

local udp, ports = DissectorTable.get("udp.port"), "25000"
udp:add(ports, gallery)
gallery:register_heuristic("udp", heuristic)
function gallery.prefs_changed()
  if ports ~= gallery.prefs.ports then
    if ports ~= "" then udp:remove(ports, gallery) end
    ports = gallery.prefs.ports
    if ports ~= "" then udp:add(ports, gallery) end
  end
end
